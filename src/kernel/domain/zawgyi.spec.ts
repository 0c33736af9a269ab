import { describe, expect, it } from '@jest/globals';
import { fromZawgyi, wordsInUnicode } from './zawgyi.js';

const ZAWGYI = 'ေအာင္ျမင့္ဦး က ေငြရၿပီ';
const UNICODE = 'အောင်မြင့်ဦး က ငွေရပြီ'.normalize('NFC');
/** The first sentence of the Universal Declaration of Human Rights. */
const SGAW_KAREN = 'ပှၤကိးဂၤဒဲးအိၣ်ဖျဲၣ်ထီၣ်လၢတၢ်သဘျ့ဒီးအလၤကပီၤဒီးအခွဲးအယာ်တဖၣ်ထဲသိးတုၤသိးလီၤ.';

describe('words of any length', () => {
  it('typed in Zawgyi are kept in Unicode, and as they were typed beside it', () => {
    expect(wordsInUnicode(ZAWGYI)).toEqual({ text: UNICODE, original: ZAWGYI });
  });

  it('that are Unicode already have nothing kept beside them', () => {
    expect(wordsInUnicode(UNICODE)).toEqual({ text: UNICODE, original: null });
  });

  it('of both encodings, and of other scripts between them, come out as one can read them, line by line', () => {
    const typed = `Met at the clinic, 300 บาท\n${UNICODE}\n\n\t${ZAWGYI} (Mae Sot)\nသုံးရက်`;
    const expected = `Met at the clinic, 300 บาท\n${UNICODE}\n\n\t${UNICODE} (Mae Sot)\nသုံးရက်`.normalize('NFC');
    expect(wordsInUnicode(typed)).toEqual({ text: expected, original: typed });
  });

  it('too few in one line to be sure of are read as the lines around them are', () => {
    const unsure = 'အေထြေထြညီလာခံ က';
    expect(fromZawgyi(unsure)).toBeNull();
    expect(wordsInUnicode(`${ZAWGYI}\n${unsure}`).text).toBe(`${UNICODE}\nအထွေထွေညီလာခံ က`);
  });

  it.each([
    ["S'gaw Karen", SGAW_KAREN],
    ["S'gaw Karen, in few words", 'တၢ်အိၣ်ဒီးတၢ်အီ လၢ ဟံၣ်ပူၤ တအိၣ်ဘၣ်'],
    ['Shan', 'မႂ်ႇသုင်ၶႃႈ ယူႇလီယူႇၶႃႈ'],
    ['Mon', 'မင်္ဂလာပါ ဂလာန်မန် ညးမွဲ'],
    ['Thai', 'สมชายมาหาเรา'],
    ['Lao', 'ສະບາຍດີ'],
    ['Khmer', 'ជំរាបសួរ'],
  ])('in %s stay as they are', (_, text) => {
    expect(wordsInUnicode(text)).toEqual({ text: text.normalize('NFC'), original: null });
  });

  it('pass a second time without change', () => {
    const { text } = wordsInUnicode(ZAWGYI);
    expect(wordsInUnicode(text)).toEqual({ text, original: null });
  });
});
