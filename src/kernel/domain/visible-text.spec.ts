import { describe, expect, it } from '@jest/globals';
import { printable, UNPRINTABLE } from './visible-text.js';

describe('a text of several lines', () => {
  it.each(['မြဝတီ ၁၂\n\tsecond line', 'العربية', '👩\u200d👧', 'Chaiyaphum\u2028ชัยภูมิ', ''])('may be %j', (text) => {
    expect(UNPRINTABLE.test(text)).toBe(false);
    expect(printable(text)).toBe(text);
  });

  it.each([
    ['a\u001b[2Jb', 'a\ufffd[2Jb'],
    ['\u0000\u0007\u007f', '\ufffd\ufffd\ufffd'],
    ['\u009b2J\u009d0;x\u009c', '\ufffd2J\ufffd0;x\ufffd'],
    ['one\rtwo', 'one\ufffdtwo'],
    ['\u202egnp.exe\u2066', '\ufffdgnp.exe\ufffd'],
    ['half \ud83d', 'half \ufffd'],
  ])('may not be %j, and is printed as %j', (text, printed) => {
    expect(UNPRINTABLE.test(text)).toBe(true);
    expect(printable(text)).toBe(printed);
  });

  it('keeps the line breaks that another system wrote', () => {
    expect(printable('one\r\ntwo')).toBe('one\ntwo');
  });
});
