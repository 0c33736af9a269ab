/** What clients buy and pay for: for each need, things of everyday life, what they usually cost and what may come of them. */

export interface Purchase {
  description: string;
  /** What it costs in Thailand, where most clients live. */
  usualBaht: number;
  cameOf: readonly [string, string];
}

/** The purchases of a need; raises an error for a need that has none. */
export function purchasesFor(need: string): readonly Purchase[] {
  const purchases = PURCHASES[need];
  if (purchases === undefined) throw new Error(`No purchases for need ${need}`);
  return purchases;
}

const PURCHASES: Record<string, readonly Purchase[]> = {
  employment: [
    {
      description: 'A set of tools for repairing motorbikes',
      usualBaht: 4500,
      cameOf: ['Three to four repairs a week from home.', 'Works two days a week with a neighbour who has a shop.'],
    },
    {
      description: 'A food cart and the first stock',
      usualBaht: 8000,
      cameOf: [
        'Sells noodles every morning and keeps the evenings free.',
        'The cart pays for food; rent is still hard.',
      ],
    },
    {
      description: 'A second-hand bicycle to get to work',
      usualBaht: 1800,
      cameOf: ['Gets to the factory on time and saves the bus fare.', 'Rides to a building site and has steady work.'],
    },
    {
      description: 'Seed, fertiliser and a pump share for the family field',
      usualBaht: 4800,
      cameOf: [
        'The first vegetables were sold at the weekly market.',
        'A dry month; expects to harvest in the autumn.',
      ],
    },
    {
      description: 'Transport and food while looking for work',
      usualBaht: 2400,
      cameOf: ['Found work at a warehouse in the third week.', 'Two interviews; one employer asked to come back.'],
    },
  ],
  expenses: [
    {
      description: 'Two months of rent that were owed',
      usualBaht: 4400,
      cameOf: ['The rent is paid up and the owner is friendly again.', 'The family could stay in the room.'],
    },
    {
      description: 'Electricity and water bills',
      usualBaht: 1600,
      cameOf: ['The light is on again.', 'Paid in full; the next bill was smaller.'],
    },
    {
      description: 'Household costs for the family at home',
      usualBaht: 4800,
      cameOf: ['The family did not have to sell the buffalo.', 'The mother decided how it was spent, and it lasted.'],
    },
    {
      description: 'Clothes, soap and things for daily use',
      usualBaht: 1500,
      cameOf: ['Feels presentable again.', 'Bought once and enough for the year.'],
    },
  ],
  debt: [
    {
      description: 'Paying down the loan taken to leave home',
      usualBaht: 4900,
      cameOf: ['Half of the loan is paid and the interest has stopped.', 'The lender no longer comes to the house.'],
    },
    {
      description: 'Getting the pawned gold back',
      usualBaht: 4200,
      cameOf: ['The gold is home again.', 'One of the two pieces is home again.'],
    },
    {
      description: 'Paying back a friend',
      usualBaht: 2500,
      cameOf: ['Paid back; they are on good terms.', 'Paid back most of it, and the friend let the rest go.'],
    },
    {
      description: 'Settling what is owed at the village shop',
      usualBaht: 1800,
      cameOf: ['The shop sells to the family on credit again.', 'Nothing is owed there any more.'],
    },
  ],
  proceedings: [
    {
      description: 'Bus fares and meals on days in court',
      usualBaht: 2200,
      cameOf: ['Went to every hearing.', 'Two hearings were put off; the rest is kept for the next ones.'],
    },
    {
      description: 'Living costs for the days without pay during the case',
      usualBaht: 4000,
      cameOf: ['Could stay until the testimony was given.', 'Did not have to choose between work and the case.'],
    },
    {
      description: 'Copies and translation of papers for the case',
      usualBaht: 1500,
      cameOf: ['The lawyer has everything in one folder.', 'Understood the file for the first time.'],
    },
  ],
  'identity-documents': [
    {
      description: 'Fees for a passport',
      usualBaht: 2800,
      cameOf: ['The passport came after five weeks.', 'Applied; still waiting for the appointment.'],
    },
    {
      description: 'Work permit and health check',
      usualBaht: 3900,
      cameOf: ['Works legally and has a health card.', 'The permit was granted for one year.'],
    },
    {
      description: 'Travel to the district office for a new card',
      usualBaht: 1700,
      cameOf: ['Has a card with the right name.', 'Has to go once more with a witness.'],
    },
    {
      description: 'Registering the birth of a child',
      usualBaht: 1200,
      cameOf: ['The child has a certificate.', 'The office asked for one more paper.'],
    },
  ],
  compensation: [
    {
      description: 'Travel to the labour office and to the lawyer',
      usualBaht: 2000,
      cameOf: ['The claim is filed.', 'The employer was called in and offered a part.'],
    },
    {
      description: 'Living costs while waiting for unpaid wages',
      usualBaht: 4800,
      cameOf: ['Did not have to accept the first low offer.', 'Still waiting, without new debt.'],
    },
    {
      description: 'Phone credit and copies for the wage claim',
      usualBaht: 800,
      cameOf: ['Keeps in touch with the lawyer.', 'Found two workmates who will be witnesses.'],
    },
  ],
  'legal-information': [
    {
      description: 'Travel to a legal aid session with an interpreter',
      usualBaht: 1400,
      cameOf: ['Knows what can be claimed and by when.', 'Decided not to go to court, and is at ease with it.'],
    },
    {
      description: 'Phone credit to call the legal hotline',
      usualBaht: 600,
      cameOf: ['Called twice and got answers in a familiar language.', 'Now tells others how to call.'],
    },
    {
      description: 'Translation of a contract and other papers',
      usualBaht: 1500,
      cameOf: ['Turned down a contract after reading it.', 'Understood what had been signed.'],
    },
  ],
  'family-communication': [
    {
      description: 'A simple phone',
      usualBaht: 2400,
      cameOf: ['Speaks with the parents every evening.', 'Talks with the children by video on Sundays.'],
    },
    {
      description: 'Phone credit for calls home',
      usualBaht: 900,
      cameOf: ['Calls home twice a week.', 'Found a sister again through a cousin.'],
    },
    {
      description: 'A visit home, bus there and back',
      usualBaht: 3200,
      cameOf: ['Spent the new year with the family.', 'Saw the mother after four years.'],
    },
    {
      description: 'Money sent home with a letter',
      usualBaht: 4500,
      cameOf: ['The parents know that all is well.', 'The family used it for the wedding of a sister.'],
    },
  ],
  housing: [
    {
      description: 'Deposit and first rent for a room',
      usualBaht: 4900,
      cameOf: ['Has a room with a lock.', 'Shares a room with one friend instead of six people.'],
    },
    {
      description: 'Tin sheets and timber for the roof',
      usualBaht: 4600,
      cameOf: ['The house was dry through the rains.', 'One side is done; the other has to wait.'],
    },
    {
      description: 'Mattress, mosquito net and blankets',
      usualBaht: 1900,
      cameOf: ['Sleeps better.', 'The children have their own place to sleep.'],
    },
    {
      description: 'Pots, a stove and a water jar',
      usualBaht: 1600,
      cameOf: ['Cooks at home.', 'Cooks at home and saves by it.'],
    },
  ],
  food: [
    {
      description: 'Rice and oil for the family',
      usualBaht: 2600,
      cameOf: ['Enough for the three months.', 'Shared some of it with the neighbours.'],
    },
    {
      description: 'Food for daily meals',
      usualBaht: 3800,
      cameOf: ['Eats three times a day.', 'Gained some weight and feels stronger.'],
    },
    {
      description: 'Milk powder and eggs for the children',
      usualBaht: 1800,
      cameOf: ['The baby is doing well.', 'The children are ill less often.'],
    },
    {
      description: 'Hens and a vegetable bed',
      usualBaht: 2200,
      cameOf: ['Eggs every day and some to sell.', 'The vegetables did well; half of the hens were lost.'],
    },
  ],
  'reintegration-plan': [
    {
      description: 'Travel home and settling in',
      usualBaht: 4200,
      cameOf: ['Arrived and lives with the parents.', 'Home for now; thinks of moving to town.'],
    },
    {
      description: 'Savings for the first months back',
      usualBaht: 4900,
      cameOf: ['Used little by little until work was found.', 'Half is still put by.'],
    },
    {
      description: 'Two piglets to begin with at home',
      usualBaht: 3000,
      cameOf: ['One was sold and two more were bought.', 'They grow well and a neighbour wants to join in.'],
    },
  ],
  'culture-religion': [
    {
      description: 'Offerings at the temple',
      usualBaht: 1200,
      cameOf: ['Kept the promise and feels lighter.', 'The whole family went along.'],
    },
    {
      description: 'A ceremony for those who did not come back',
      usualBaht: 3000,
      cameOf: ['Other survivors came too.', 'The mother was at peace with it.'],
    },
  ],
  'safety-location': [
    {
      description: 'Moving to a room in another part of town',
      usualBaht: 4800,
      cameOf: ['Nobody at the new place knows about the case.', 'Goes out in the evening again.'],
    },
    {
      description: 'New locks and a light by the door',
      usualBaht: 1300,
      cameOf: ['Sleeps through the night.', 'The neighbours put up a light as well.'],
    },
    {
      description: 'Taxis for a while instead of walking at night',
      usualBaht: 2000,
      cameOf: ['Got home safely each time.', 'Goes home with workmates by now.'],
    },
  ],
  'safety-individuals': [
    {
      description: 'A new phone number and credit',
      usualBaht: 700,
      cameOf: ['The calls have stopped.', 'Only family and the caseworker have the number.'],
    },
    {
      description: 'Some weeks of staying with a friend elsewhere',
      usualBaht: 3000,
      cameOf: ['Was out of sight until it was calm.', 'Decided to stay there for good.'],
    },
    {
      description: 'Fares to work by another way',
      usualBaht: 1600,
      cameOf: ['Has not met the man again.', 'Changed to a shift with friends.'],
    },
  ],
  'safety-family': [
    {
      description: 'Bringing the children to relatives',
      usualBaht: 3800,
      cameOf: ['They arrived and feel at home.', 'They stayed two months and then went back.'],
    },
    {
      description: 'A phone for the family at home',
      usualBaht: 1900,
      cameOf: ['They call at once when a stranger comes.', 'Hears every day that they are well.'],
    },
    {
      description: 'Mending the fence and the door at home',
      usualBaht: 2200,
      cameOf: ['The mother feels safer.', 'Done together with a cousin.'],
    },
  ],
  medication: [
    {
      description: 'Medicine for three months',
      usualBaht: 2700,
      cameOf: ['Took it without a break.', 'The dose could be lowered.'],
    },
    {
      description: 'Clinic visits and tests',
      usualBaht: 3200,
      cameOf: ['Knows at last what it is.', 'Treatment has begun and helps.'],
    },
    {
      description: 'Fares to the hospital',
      usualBaht: 1200,
      cameOf: ['Kept every appointment.', 'Missed one appointment, kept the others.'],
    },
  ],
  'physical-health': [
    {
      description: 'Treatment of an old injury',
      usualBaht: 4700,
      cameOf: ['The hand closes a little more.', 'The doctor says it needs time.'],
    },
    {
      description: 'Glasses and an eye examination',
      usualBaht: 2100,
      cameOf: ['Can read and sew again.', 'Sees well and has no more headaches.'],
    },
    {
      description: 'A back support and physiotherapy',
      usualBaht: 2900,
      cameOf: ['Works half days without pain.', 'Still in pain when lifting.'],
    },
  ],
  psychosocial: [
    {
      description: 'Fares to a counsellor',
      usualBaht: 1500,
      cameOf: ['Went six times and wants to go on.', 'Stopped after two visits; it was not the right time.'],
    },
    {
      description: 'A stay at home with the family to rest',
      usualBaht: 3600,
      cameOf: ['Sleeps better since then.', 'Came back calmer.'],
    },
    {
      description: 'A guitar and strings',
      usualBaht: 2200,
      cameOf: ['Plays in the evening with others.', 'It takes the mind off things.'],
    },
  ],
  'life-skills': [
    {
      description: 'An evening language course',
      usualBaht: 2600,
      cameOf: ['Can talk with the supervisor without help.', 'Finished the first level.'],
    },
    {
      description: 'A reading and writing class, with books',
      usualBaht: 1600,
      cameOf: ['Reads the bus signs and short messages.', 'Goes on with a neighbour as a teacher.'],
    },
    {
      description: 'A course on money and small accounts',
      usualBaht: 1400,
      cameOf: ['Keeps a notebook of what comes in and goes out.', 'Opened a savings account.'],
    },
  ],
  'vocational-training': [
    {
      description: 'Course fee for motorbike repair',
      usualBaht: 4500,
      cameOf: ['Passed, and was taken on by the workshop.', 'Half way through the course.'],
    },
    {
      description: 'A sewing machine and a course',
      usualBaht: 4900,
      cameOf: ['Sews school uniforms for the street.', 'Has a few orders a month.'],
    },
    {
      description: 'A welding course and a safety mask',
      usualBaht: 4000,
      cameOf: ['Has the certificate.', 'Works as an assistant on a site.'],
    },
  ],
  'child-schooling': [
    {
      description: 'School fees for a year',
      usualBaht: 4500,
      cameOf: ['The child goes to school every day.', 'The child is in the second class now.'],
    },
    {
      description: 'Uniforms, shoes and books',
      usualBaht: 2100,
      cameOf: ['The children started on the first day.', 'The daughter is proud of her bag.'],
    },
    {
      description: 'A bicycle for the way to school',
      usualBaht: 1700,
      cameOf: ['The son takes his sister along.', 'Half an hour less each way.'],
    },
  ],
};
