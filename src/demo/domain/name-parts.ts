/** The common parts of which the invented names are made, each in its own script with a romanised spelling. */

import type { Language, ScriptedName } from './scripted-pilot.js';

export interface NamePart {
  text: string;
  romanised: string;
}

/** How the part is written on a Thai card, since many clients carry one. */
export interface BurmeseNamePart extends NamePart {
  thai: string;
}

export interface FamilyNameParts {
  script: ScriptedName['script'];
  order: 'given-first' | 'family-first';
  men: readonly NamePart[];
  women: readonly NamePart[];
  families: readonly NamePart[];
  nicknames: readonly NamePart[];
}

/** Burmese names have no family name: two or three of these stand side by side. */
export const BURMESE_PARTS: { men: readonly BurmeseNamePart[]; women: readonly BurmeseNamePart[] } = {
  men: [
    { text: 'အောင်', romanised: 'Aung', thai: 'ออง' },
    { text: 'မင်း', romanised: 'Min', thai: 'มิน' },
    { text: 'ကျော်', romanised: 'Kyaw', thai: 'จอ' },
    { text: 'ဇော်', romanised: 'Zaw', thai: 'ซอ' },
    { text: 'လင်း', romanised: 'Lin', thai: 'ลิน' },
    { text: 'ထက်', romanised: 'Htet', thai: 'แทะ' },
    { text: 'စိုး', romanised: 'Soe', thai: 'โซ' },
    { text: 'နိုင်', romanised: 'Naing', thai: 'ไนง์' },
    { text: 'ဖြိုး', romanised: 'Phyo', thai: 'พโย' },
    { text: 'ပိုင်', romanised: 'Paing', thai: 'ไปง์' },
    { text: 'မိုး', romanised: 'Moe', thai: 'โม' },
    { text: 'ရဲ', romanised: 'Ye', thai: 'เย' },
    { text: 'ဟိန်း', romanised: 'Hein', thai: 'เฮน' },
    { text: 'ဇေယျာ', romanised: 'Zeyar', thai: 'เซยา' },
    { text: 'သန်း', romanised: 'Than', thai: 'ตาน' },
    { text: 'ညီ', romanised: 'Nyi', thai: 'ญี' },
    { text: 'စည်သူ', romanised: 'Sithu', thai: 'ซิตู' },
    { text: 'ဘုန်း', romanised: 'Bhone', thai: 'โพน' },
  ],
  women: [
    { text: 'အေး', romanised: 'Aye', thai: 'เอ' },
    { text: 'စု', romanised: 'Su', thai: 'ซุ' },
    { text: 'နှင်း', romanised: 'Hnin', thai: 'นิน' },
    { text: 'ဖြူ', romanised: 'Phyu', thai: 'พยู' },
    { text: 'မေ', romanised: 'May', thai: 'เม' },
    { text: 'ဇာ', romanised: 'Zar', thai: 'ซา' },
    { text: 'ခင်', romanised: 'Khin', thai: 'คิน' },
    { text: 'သန္တာ', romanised: 'Thandar', thai: 'ตันดา' },
    { text: 'ယမင်း', romanised: 'Yamin', thai: 'ยะมิน' },
    { text: 'စန္ဒာ', romanised: 'Sandar', thai: 'ซันดา' },
    { text: 'မြ', romanised: 'Mya', thai: 'มยะ' },
    { text: 'ချို', romanised: 'Cho', thai: 'โช' },
    { text: 'သီတာ', romanised: 'Thida', thai: 'ตีดา' },
    { text: 'နီလာ', romanised: 'Nilar', thai: 'นีลา' },
  ],
};

export const FAMILY_NAME_PARTS: Record<Exclude<Language, 'my'>, FamilyNameParts> = {
  th: {
    script: 'Thai',
    order: 'given-first',
    men: [
      { text: 'สมชาย', romanised: 'Somchai' },
      { text: 'ประเสริฐ', romanised: 'Prasoet' },
      { text: 'วิชัย', romanised: 'Wichai' },
      { text: 'สุรชัย', romanised: 'Surachai' },
      { text: 'อนุชา', romanised: 'Anucha' },
      { text: 'มานพ', romanised: 'Manop' },
      { text: 'ณรงค์', romanised: 'Narong' },
      { text: 'บุญมี', romanised: 'Bunmi' },
      { text: 'กิตติ', romanised: 'Kitti' },
      { text: 'ปรีชา', romanised: 'Pricha' },
    ],
    women: [
      { text: 'มาลี', romanised: 'Mali' },
      { text: 'สุดา', romanised: 'Suda' },
      { text: 'นงนุช', romanised: 'Nongnut' },
      { text: 'วันดี', romanised: 'Wandi' },
      { text: 'ปราณี', romanised: 'Prani' },
      { text: 'รัตนา', romanised: 'Rattana' },
    ],
    families: [
      { text: 'ทองดี', romanised: 'Thongdi' },
      { text: 'ใจงาม', romanised: 'Chaingam' },
      { text: 'แสงแก้ว', romanised: 'Saengkaeo' },
      { text: 'ศรีสุข', romanised: 'Sisuk' },
      { text: 'วงศ์ทอง', romanised: 'Wongthong' },
      { text: 'จันทร์ดี', romanised: 'Chandi' },
      { text: 'มณีแก้ว', romanised: 'Manikaeo' },
      { text: 'สุขใจ', romanised: 'Sukchai' },
      { text: 'บุญมา', romanised: 'Bunma' },
      { text: 'แก้วใส', romanised: 'Kaeosai' },
    ],
    nicknames: [
      { text: 'ต้น', romanised: 'Ton' },
      { text: 'เล็ก', romanised: 'Lek' },
      { text: 'แดง', romanised: 'Daeng' },
      { text: 'นก', romanised: 'Nok' },
    ],
  },
  lo: {
    script: 'Laoo',
    order: 'given-first',
    men: [
      { text: 'ບຸນມີ', romanised: 'Bounmy' },
      { text: 'ສົມພອນ', romanised: 'Somphone' },
      { text: 'ຄຳແພງ', romanised: 'Khamphaeng' },
      { text: 'ບຸນທັນ', romanised: 'Bounthan' },
      { text: 'ສຸກສັນ', romanised: 'Souksan' },
      { text: 'ພອນໄຊ', romanised: 'Phonexay' },
      { text: 'ຄຳສຸກ', romanised: 'Khamsouk' },
      { text: 'ທອງໃບ', romanised: 'Thongbay' },
    ],
    women: [
      { text: 'ດາລາ', romanised: 'Dala' },
      { text: 'ບົວຜັນ', romanised: 'Bouaphan' },
      { text: 'ວັນນາ', romanised: 'Vanna' },
      { text: 'ແສງດາວ', romanised: 'Sengdao' },
      { text: 'ຈັນທາ', romanised: 'Chantha' },
      { text: 'ວິໄລ', romanised: 'Vilay' },
    ],
    families: [
      { text: 'ແກ້ວມະນີ', romanised: 'Keomany' },
      { text: 'ວົງສະຫວັນ', romanised: 'Vongsavan' },
      { text: 'ພົມມະຈັນ', romanised: 'Phommachan' },
      { text: 'ໄຊຍະວົງ', romanised: 'Xayavong' },
      { text: 'ບຸນຍະວົງ', romanised: 'Bounyavong' },
      { text: 'ຈັນທະວົງ', romanised: 'Chanthavong' },
      { text: 'ອິນທະວົງ', romanised: 'Inthavong' },
      { text: 'ສຸວັນນະ', romanised: 'Souvanna' },
    ],
    nicknames: [
      { text: 'ນ້ອຍ', romanised: 'Noy' },
      { text: 'ແດງ', romanised: 'Deng' },
      { text: 'ດຳ', romanised: 'Dam' },
      { text: 'ນົກ', romanised: 'Nok' },
    ],
  },
  km: {
    script: 'Khmr',
    order: 'family-first',
    men: [
      { text: 'ដារ៉ា', romanised: 'Dara' },
      { text: 'សំណាង', romanised: 'Samnang' },
      { text: 'វាសនា', romanised: 'Veasna' },
      { text: 'រិទ្ធី', romanised: 'Rithy' },
      { text: 'បូរី', romanised: 'Borey' },
      { text: 'សុវណ្ណ', romanised: 'Sovann' },
      { text: 'វណ្ណា', romanised: 'Vanna' },
      { text: 'ពិសិដ្ឋ', romanised: 'Piseth' },
    ],
    women: [
      { text: 'បុប្ផា', romanised: 'Bopha' },
      { text: 'ចន្ទា', romanised: 'Chantha' },
      { text: 'ធីតា', romanised: 'Thida' },
      { text: 'ម៉ាលី', romanised: 'Maly' },
      { text: 'រតនា', romanised: 'Ratana' },
    ],
    families: [
      { text: 'សុខ', romanised: 'Sok' },
      { text: 'ចាន់', romanised: 'Chan' },
      { text: 'ហេង', romanised: 'Heng' },
      { text: 'លី', romanised: 'Ly' },
      { text: 'គឹម', romanised: 'Kim' },
      { text: 'កែវ', romanised: 'Keo' },
      { text: 'នួន', romanised: 'Nuon' },
      { text: 'ម៉ៅ', romanised: 'Mao' },
      { text: 'សេង', romanised: 'Seng' },
      { text: 'ទេព', romanised: 'Tep' },
    ],
    nicknames: [
      { text: 'តូច', romanised: 'Touch' },
      { text: 'ធំ', romanised: 'Thom' },
      { text: 'ណា', romanised: 'Na' },
      { text: 'ដា', romanised: 'Da' },
    ],
  },
};
