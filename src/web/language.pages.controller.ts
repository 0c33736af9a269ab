/** Choosing the language of the pages, signed in or not, with the digits and the years that go with it. */
import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public, type AuthenticatedRequest } from '../access/declarations.js';
import { OwnAccountService } from '../access/sign-in/own-account.service.js';
import { FormReader } from './form-reader.js';
import { catalogues } from './languages/catalogues.js';
import { setLanguageCookie, setLettersCookie, writeSpeaking } from './languages/language-of-request.js';
import { speaking, t, type Speaking } from './languages/language.js';
import { languageCodes, languages, type Language } from './languages/languages.js';
import { addressWith, textIn, type Sent } from './sent.js';

@ApiExcludeController()
@Controller('language')
@Public()
export class LanguagePagesController {
  constructor(private readonly account: OwnAccountService) {}

  @Get()
  form(@Query() query: Sent, @Res() response: Response): void {
    response.render('language', { ...choices(speaking()), done: textIn(query, 'done') === 'chosen', faults: [] });
  }

  @Post()
  async choose(@Body() form: Sent, @Req() request: AuthenticatedRequest, @Res() response: Response): Promise<void> {
    const reader = new FormReader(form);
    const language = reader.choice('language', languageCodes, t('Choose a language.'));
    const { hasBuddhistYears, zero } = languages[language];
    const chosen: Speaking = {
      language,
      ownDigits: textIn(form, 'digits') === 'own' && zero !== undefined,
      buddhistYears: textIn(form, 'years') === 'buddhist' && hasBuddhistYears === true,
      letters: textIn(form, 'letters') === 'sent',
    };
    if (reader.faults.length > 0) {
      response.status(422).render('language', { ...choices(chosen), faults: reader.faults });
      return;
    }
    if (request.session?.stage === 'open' && request.actor)
      await this.account.chooseLanguage(request.actor, writeSpeaking(chosen));
    setLanguageCookie(request, response, chosen);
    setLettersCookie(request, response, chosen.letters === true);
    response.redirect(303, addressWith('/language', { done: 'chosen' }));
  }
}

function choices(chosen: Speaking) {
  return {
    chosen,
    languages: languageCodes.map((code) => ({
      code,
      name: languages[code].name,
      remark: remarkOn(code),
      isChosen: code === chosen.language,
    })),
  };
}

/** What whoever chooses it should know of it. */
function remarkOn(code: Language): string | null {
  const catalogue = catalogues[code];
  if (!catalogue) return null;
  return catalogue.reviewedBy === null ? t('Not yet reviewed by a native speaker') : null;
}
