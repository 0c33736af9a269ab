/** Words that would tell a bank, a clerk or whoever sees a statement what the programme is. None of them leaves in a file. */
const WORDS = [
  'trafficking',
  'trafficked',
  'traffickers?',
  'anti-?trafficking',
  'tvpa',
  'survivors?',
  'victims?',
  'slave(s|ry)?',
  'enslaved',
  'forced labou?r',
  'bonded labou?r',
  'debt bondage',
  'exploit(ed|ation)',
  'prostitut(e|es|ion)',
  'sex work(er|ers)?',
  'brothels?',
  'rescued?',
  'shelters?',
  'safe ?houses?',
  'repatriat(ed|ion)',
  'reintegration',
  'refugees?',
  'asylum',
  'undocumented',
  'compensation claims?',
  'court case',
  'witness(es)?',
  'uct',
  'unconditional cash',
  'cash transfers?',
  'cash assistance',
];

const ANY = new RegExp(`(?<![a-z])(${WORDS.join('|')})(?![a-z])`, 'i');

/** The first such word in a text, or null. */
export function revealingWord(text: string): string | null {
  return ANY.exec(text)?.[0].toLowerCase() ?? null;
}
