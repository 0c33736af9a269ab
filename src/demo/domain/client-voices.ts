/** What a highest priority means to a client: invented sentences for each of the 21 needs, in the first person. */

import type { Draws } from './seeded-draws.js';

/** One sentence for each of the needs, by need code; raises an error for a need that has none. */
export function drawInterpretations(needs: readonly string[], draws: Draws): Record<string, string> {
  return Object.fromEntries(
    needs.map((need) => {
      const sentences = CLIENT_VOICES[need];
      if (sentences === undefined) throw new Error(`No client voice for need ${need}`);
      return [need, draws.pick(sentences)];
    }),
  );
}

/** No name and no place may appear here, as in any words of a client that leave the case file. */
const CLIENT_VOICES: Record<string, readonly string[]> = {
  employment: [
    'I want work on land, with a day off and pay that comes each month.',
    'A job means I can stop asking my brother for money.',
    'I can mend engines, and I need somebody to let me try.',
    'I would take any work where they let me go home in the evening.',
    'I want to sell food from my own cart and have no boss.',
    'If I have work again, I can sleep at night.',
  ],
  expenses: [
    'The rent and the water are two months late and the owner is losing patience.',
    'My parents have carried all the bills alone while I was away.',
    'Every week there is something to pay and nothing coming in.',
    'I need to get through these months without selling the land.',
    'There is the rice, the light, the children, and then it is gone.',
    'I want to pay for things myself instead of saying sorry.',
  ],
  debt: [
    'I borrowed to leave home, and it has only grown since then.',
    'The man who lent to my mother comes to the house every month.',
    'When the debt is gone I can decide where I work.',
    'I want to hand the money back and owe nobody anything.',
    'We pawned the gold and I would like my mother to have it again.',
    'The interest eats whatever I send home.',
  ],
  proceedings: [
    'I want somebody beside me in court who tells me what is going on.',
    'I said what happened once, and I want it to lead somewhere.',
    'Each hearing costs me a day of work and the bus there.',
    'I do not understand the letters the court sends me.',
    'I would like the owner to have to listen to me for once.',
    'I need to know how long it will take, so that I can plan around it.',
  ],
  'identity-documents': [
    'Without a card I walk the back streets and stay away from the market.',
    'They kept my passport, and I have been nobody since.',
    'I want papers with my right name and my right age.',
    'With a card I could work legally and go to the clinic.',
    'My child has no birth certificate because I have no papers either.',
    'I need something to show when I am stopped.',
  ],
  compensation: [
    'I worked three years and was paid for a few weeks.',
    'It is not a gift I am asking for, it is my wages.',
    'If they paid what they owe me, I could build the house.',
    'I want the sum written down and somebody made to pay it.',
    'The others I worked with got something and I have heard nothing.',
    'I counted the days, and I want the money for every one of them.',
  ],
  'legal-information': [
    'I want to know what I may do here and what I may not.',
    'Everyone tells me something different about my rights.',
    'I signed papers that nobody read to me.',
    'Before I decide, I want to hear what can happen to me.',
    'I need someone to explain the law in my own language.',
    'I would like to know if going home ends my case.',
  ],
  'family-communication': [
    'My parents thought I was dead, and I want to call them every week.',
    'I have not heard the voice of my son for four years.',
    'I need a phone so that they know I am all right.',
    'My sister moved, and I do not know how to reach her.',
    'When I can speak with home, I am calmer.',
    'I want to tell them myself why I come back with nothing.',
  ],
  housing: [
    'We are seven in one room, and I sleep by the door.',
    'I want a door I can lock from the inside.',
    'I am staying with a friend, and it cannot go on much longer.',
    'The roof lets the rain in on the side where the children sleep.',
    'A room of my own would be enough for now.',
    'I left with the clothes I wore and have no bed or pots.',
  ],
  food: [
    'Some days we eat once so that the children can eat twice.',
    'I want to fill the rice jar and not look into it for a month.',
    'I am tired of eating what other people leave.',
    'If I had money for food, I could think about the rest.',
    'My sister is feeding a baby and needs to eat better.',
    'I would like to cook what we cook at home.',
  ],
  'reintegration-plan': [
    'I do not know if I should go home or stay and wait.',
    'I want to make a plan that is mine.',
    'I have been away so long that I have to start from the beginning.',
    'I need to sit down with someone and think about next year.',
    'I want to go back with something in my hands.',
    'First the papers, then a job, then my family can come.',
  ],
  'culture-religion': [
    'I want to offer food to the monks for those who did not come back.',
    'I promised to make merit if I ever got out.',
    'I would like to go to the temple on holy days without fear.',
    'A ceremony would help my mother to be at peace.',
  ],
  'safety-location': [
    'The men who sold me drink tea at the end of my street.',
    'I stay inside after dark because of who lives around here.',
    'Where I come from, the broker knows which house is ours.',
    'I want to live somewhere nobody knows about the case.',
    'The police come to our building, and everyone runs.',
    'I do not feel safe in the room they found for us.',
  ],
  'safety-individuals': [
    'The supervisor still calls me from numbers I do not know.',
    'The broker said he would find me if I talked.',
    'I saw one of the guards at the market and went cold.',
    'I am afraid of the man I owe money to.',
    'He has my picture and a copy of my papers.',
    'I want somebody to know who he is in case something happens.',
  ],
  'safety-family': [
    'They went to my house and asked my mother where I was.',
    'I worry that they will take it out on my brother.',
    'My friends still work there and cannot leave.',
    'The children are with my mother and the broker lives close by.',
    'If I speak in court, I want my family to be out of reach.',
    'My daughter walks to school past the house of that man.',
  ],
  medication: [
    'I stopped taking the tablets when the money ran out.',
    'The clinic told me to come every month, and I went once.',
    'My back was hurt at work, and I need the medicine to get through a day.',
    'I cough at night and want to know what it is.',
    'I need my treatment to go on without a break.',
    'The medicine helps, but it costs as much as the food.',
  ],
  'physical-health': [
    'Two of my fingers do not close since the accident.',
    'I cannot lift anything since I fell at work.',
    'My eyes are getting worse, and I have never been to a doctor.',
    'My leg healed crooked, and I want it looked at.',
    'I want to be strong enough to work a whole day.',
    'The pain in my stomach does not leave me.',
  ],
  psychosocial: [
    'I wake up and think I am still there.',
    'I am angry at people who have done nothing to me.',
    'I would like to talk with someone who has time.',
    'I cannot sit in a room with the door closed.',
    'I want to feel like the person I was before.',
  ],
  'life-skills': [
    'I want to learn to read the contract before I sign it.',
    'I have never had a bank account and would like to know how.',
    'I want to speak the language of the people I work for.',
    'I need to learn how to plan my money, because it slips away.',
    'I would like to use a computer like the young ones do.',
    'I want to know how to say no to a bad offer.',
  ],
  'vocational-training': [
    'I want to learn to repair motorbikes and have a paper to show.',
    'I would like to sew well enough to be paid for it.',
    'I want a trade, so that I never have to go back to that work.',
    'I could learn to weld if the course had an evening class.',
    'I want to learn cooking properly and open a stall.',
    'With a skill in my hands, nobody can fool me about pay.',
  ],
  'child-schooling': [
    'I want my daughter in school before she is too old for the class.',
    'I left school at nine, and my son should not.',
    'The school asks for the uniform and the books on the first day.',
    'If the children learn, what happened to me ends with me.',
    'My son stayed at home last year because we could not pay.',
  ],
};
