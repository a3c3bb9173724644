/** The field guide's prose, second half. */
import type { Page } from './html.ts';

export const OTHERS: Page = {
  file: 'others.html',
  title: 'Other clocks: moulds, flies, leaves',
  lead: 'Evolution has made clocks several times over, out of different parts, and always to the same plan.',
  sections: [
    {
      heading: 'Days of different lengths',
      body: [
        'Kept in constant conditions, every kind shows its own day, close to twenty-four hours but seldom equal to it. The figures are typical; individuals differ.',
        '<div id="species"></div>',
      ],
    },
    {
      heading: 'A clock in a test tube',
      body: [
        'The simplest clock known belongs to cyanobacteria. Mix its three proteins, KaiA, KaiB and KaiC, with a little ATP in a tube, and phosphate groups come and go on KaiC in a rhythm of about a day: no genes, no cell, no life at all. It was first done in Japan in 2005.',
      ],
    },
    {
      heading: 'What clocks are for',
      body: [
        'To know what is coming. A plant that readies its leaves before sunrise loses no light; a bee that knows when the lime trees open makes no useless flights; a mouse that is home before dawn is not eaten. In competition, cyanobacteria whose inner day matches the outer one outgrow those whose day is too short or too long.',
        'Birds and bees also use the clock as a compass: the sun tells the direction only to those who know the hour.',
      ],
    },
  ],
  next: { file: 'slips.html', title: 'When it slips' },
};

export const SLIPS: Page = {
  file: 'slips.html',
  title: 'When it slips',
  lead: 'The clock can be moved, but only by an hour or so a day. Trouble begins where we ask for more.',
  sections: [
    {
      heading: 'Jet lag',
      body: [
        'After a flight the master clock is still at home. It moves by about one hour a day, more easily later than earlier, so that flying west is kinder than flying east for most people. The organs follow at speeds of their own, and for some days there is no common time in the body at all.',
        'Light at the right hour helps, and at the wrong hour it sends the clock the other way: after eight hours eastwards, the local morning still lies before the low point of temperature, and morning sun would delay a clock that has to advance.',
      ],
    },
    {
      heading: 'Shift work',
      body: [
        'Night workers seldom adapt, because the way home leads through the morning sun and the days off belong to the family. They work against the low point of alertness and sleep against the high one. Over years this goes with more heart disease and more diabetes; the World Health Organization’s cancer agency lists night shift work as probably carcinogenic.',
      ],
    },
    {
      heading: 'Social jet lag',
      body: [
        'Whoever gets up at six on weekdays and at nine at weekends flies three time zones west every Friday and back every Sunday night. Chronobiologists call it social jet lag. It is greatest in youth: from puberty on the clock runs late, latest at about twenty, and school does not wait for it.',
      ],
    },
    {
      heading: 'Owls and larks',
      body: [
        'When people sleep on free days is spread as widely as their height, and partly inherited. Early and late are not virtues. The mid-point of sleep on a free day says more about a person’s clock than any questionnaire.',
      ],
    },
  ],
  next: { file: 'keeping.html', title: 'Keeping time' },
};

export const KEEPING: Page = {
  file: 'keeping.html',
  title: 'Keeping time',
  lead: 'What follows from all that, for an ordinary week.',
  sections: [
    {
      heading: 'Five habits, most useful first',
      body: [
        '<ol>\n<li><strong>Go out in the morning.</strong> Half an hour of daylight, clouds included, does more than any lamp.</li>\n<li><strong>Get up at the same time.</strong> It is easier to keep than the time of falling asleep, and it sets the rest.</li>\n<li><strong>Dim the evening.</strong> Low, warm light in the last two hours; the screen dark and far from the face.</li>\n<li><strong>Eat by day.</strong> The last meal some hours before bed keeps the liver in the same time zone as the brain.</li>\n<li><strong>Mind the coffee.</strong> Half of it is still in the blood after about five hours.</li>\n</ol>',
      ],
    },
    {
      heading: 'Find your own phase',
      body: [
        'On a free day without an alarm, note when you fall asleep and when you wake; the middle between the two is your mid-sleep. Do it on three free days. Before 3:00 you lean to the larks, after 5:00 to the owls; most people lie between.',
      ],
    },
    {
      heading: 'Crossing time zones',
      body: [
        'Shift your bed by an hour a day before you leave, in the direction of travel. For a stay of two days do not shift at all: sleep when you can, and keep important hours where home and away are both awake.',
      ],
    },
    {
      heading: 'When to ask a doctor',
      body: [
        'If sleep stays out of step for months though light, times and habits are right, ask. Clocks can be ill, and much of it can be treated.',
      ],
    },
  ],
  next: { file: 'glossary.html', title: 'Glossary' },
};

const TERMS: [string, string][] = [
  ['Advance, delay', 'To move the clock earlier or later. Morning light advances, evening light delays.'],
  ['Chronotype', 'Where in the day a person’s sleep falls when nothing forces it: lark, owl, or between.'],
  ['Circadian', 'About a day long, and made from within.'],
  ['Entrainment', 'The daily setting of an inner clock by an outer signal.'],
  ['Free-running', 'Running without any outer signal, at the clock’s own period.'],
  ['Melanopsin', 'The pigment of the retina’s brightness cells.'],
  ['Period', 'How long one round takes. Also the gene that was found first.'],
  ['Phase', 'Where in its round a rhythm is.'],
  ['Suprachiasmatic nucleus', 'The master clock of mammals, above the crossing of the optic nerves.'],
  ['Zeitgeber', 'German for time giver: what sets a clock. Light first, then meals, warmth and company.'],
];

export const GLOSSARY: Page = {
  file: 'glossary.html',
  title: 'Glossary',
  lead: 'The words of the trade, in one line each.',
  sections: [
    {
      heading: 'Terms',
      body: [`<dl>\n${TERMS.map(([term, meaning]) => `<dt>${term}</dt>\n<dd>${meaning}</dd>`).join('\n')}\n</dl>`],
    },
  ],
};
