/** What we use of myanmar-tools, which comes without types. */
declare module 'myanmar-tools' {
  interface Detector {
    /** From 0, surely Unicode, to 1, surely Zawgyi; -Infinity when there is no Burmese letter. */
    getZawgyiProbability(text: string): number;
  }
  interface Converter {
    zawgyiToUnicode(text: string): string;
    unicodeToZawgyi(text: string): string;
  }
  const myanmarTools: { ZawgyiDetector: new () => Detector; ZawgyiConverter: new () => Converter };
  export default myanmarTools;
}
