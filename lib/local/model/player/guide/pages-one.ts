/** The field guide's prose, first half. */
import type { Page } from './html.ts';

export const INDEX: Page = {
  file: 'index.html',
  title: 'A field guide to circadian rhythms',
  lead: 'Nearly everything that lives on the surface of a turning planet carries a clock. This guide shows where to find it, how it is set, and what happens when it is ignored.',
  sections: [
    {
      heading: 'How to use this guide',
      body: [
        'Read the pages in order, or open the one you need. Each takes about three minutes. No page asks for more than school biology.',
        '<ol>\n<li><a href="clock.html">What a clock is</a></li>\n<li><a href="light.html">How light sets it</a></li>\n<li><a href="day.html">A day inside the body</a></li>\n<li><a href="others.html">Other clocks: moulds, flies, leaves</a></li>\n<li><a href="slips.html">When it slips</a></li>\n<li><a href="keeping.html">Keeping time</a></li>\n</ol>',
      ],
    },
    {
      heading: 'Three marks of a circadian rhythm',
      body: [
        'Not everything that happens once a day is circadian. Biologists ask for three things. The rhythm must <em>go on by itself</em> in constant darkness, with a period of about a day: <em>circa diem</em>. It must be possible to <em>set</em> it, by light above all. And it must keep its pace when the temperature changes, though nearly all chemistry runs faster in the warm.',
        'The third mark is the strangest, and it is what makes the thing a clock and not a thermometer.',
      ],
    },
  ],
};

export const CLOCK: Page = {
  file: 'clock.html',
  title: 'What a clock is',
  lead: 'A cell has no pendulum. It tells the time with a loop of genes that switch themselves off, late.',
  sections: [
    {
      heading: 'A plant in a cupboard',
      body: [
        'In 1729 the astronomer Jean-Jacques d’Ortous de Mairan put a mimosa into a dark cupboard. Its leaves went on opening by day and folding by night, without any day to see. It took two hundred years more until it was accepted that the plant was not peeking but counting.',
      ],
    },
    {
      heading: 'The loop',
      body: [
        'In 1971 Ronald Konopka and Seymour Benzer found fruit flies whose days were too short, too long, or missing. All three faults lay in one gene, which they called <em>period</em>. Its protein builds up during the night, enters the nucleus and shuts off its own gene; then it is broken down, the gene is free again, and the next round begins. The delays in between add up to about a day.',
        'Jeffrey Hall, Michael Rosbash and Michael Young received the Nobel Prize of 2017 for taking that loop apart. Mammals have the same design with more parts: CLOCK and BMAL1 drive the genes <em>Per</em> and <em>Cry</em>, whose proteins come back and hold CLOCK and BMAL1 down.',
      ],
    },
    {
      heading: 'One conductor, many players',
      body: [
        'The master clock of a mammal is a pair of grain-sized clusters above the crossing of the optic nerves: the suprachiasmatic nucleus, some 20,000 neurons. Without it an animal still sleeps and eats, but at no particular time.',
        'It is not the only clock. Liver, gut, skin and muscle each keep their own time, and listen: to the master clock by way of nerves and hormones, and to meals on their own account. Whoever eats at midnight sets the liver to another time zone than the brain.',
      ],
    },
  ],
  next: { file: 'light.html', title: 'How light sets it' },
};

export const LIGHT: Page = {
  file: 'light.html',
  title: 'How light sets it',
  lead: 'Left alone, the human clock runs for about twenty-four hours and ten minutes. Every morning has to put that right.',
  sections: [
    {
      heading: 'An eye that does not see',
      body: [
        'Besides rods and cones the retina has a third kind of receptor: ganglion cells with a pigment of their own, melanopsin, most sensitive to blue light near 480 nanometres. They hardly take part in seeing. They report how bright the world is, and their wires lead to the master clock. Some blind people whose retina has kept these cells live in step with the day, without seeing it.',
      ],
    },
    {
      heading: 'The same light, two effects',
      body: [
        'What light does depends on when it comes. In the evening and the first half of the night it tells the clock that the day is not over: the clock <em>delays</em>. After the low point of body temperature, some two hours before the usual time of waking, it tells the clock that the day has begun: the clock <em>advances</em>. Around noon it does next to nothing.',
        '<table>\n<tr><th>Light comes</th><th>The clock</th><th>Tomorrow you are sleepy</th></tr>\n<tr><td>late evening</td><td>is delayed</td><td>later</td></tr>\n<tr><td>early morning</td><td>is advanced</td><td>earlier</td></tr>\n<tr><td>around noon</td><td>hardly moves</td><td>at the same time</td></tr>\n</table>',
      ],
    },
    {
      heading: 'How bright is bright?',
      body: [
        'The eye adapts so well that we misjudge light by orders of magnitude. A lit living room has 100 to 300 lux, a clouded sky 10,000, full sun up to 100,000. A gloomy walk is worth more to the clock than the brightest office.',
        'At night it is the other way round: the clock of a person who spent the day indoors can be moved by a lamp that a farmer’s clock would overlook.',
      ],
    },
  ],
  next: { file: 'day.html', title: 'A day inside the body' },
};

export const DAY: Page = {
  file: 'day.html',
  title: 'A day inside the body',
  lead: 'Four curves that you can feel, though you cannot see them.',
  sections: [
    {
      heading: 'The chart',
      body: [
        '<figure><img src="chart.svg" alt="Body temperature, melatonin, cortisol and alertness over 24 hours"><figcaption>Typical shapes for somebody who sleeps from 23:00 to 7:00; each curve is scaled from its own lowest to its own highest value. Drawn from <a href="../data/day.csv">day.csv</a>.</figcaption></figure>',
      ],
    },
    {
      heading: 'What to notice',
      body: [
        '<strong>Melatonin</strong> begins to rise about two hours before the usual bedtime. It does not put anybody to sleep; it announces the night. Bright light holds it down.',
        '<strong>Body temperature</strong> is lowest about two hours before the usual time of waking and highest in the early evening. The swing is less than a degree. Falling asleep is easiest while it falls.',
        '<strong>Cortisol</strong> rises before waking, so that getting up does not come as a surprise to the body, and is highest within the hour after.',
        '<strong>Alertness</strong> is the sum of two things: the clock, and the pressure to sleep that grows with each waking hour. After lunch the pressure has grown and the clock’s support has not yet reached its height: hence the dip, lunch or no lunch. In the evening the clock holds against the pressure with all its might, until it lets go.',
      ],
    },
    {
      heading: 'The forbidden zone',
      body: [
        'The two or three hours before the usual bedtime are the hardest of the whole day to fall asleep in. Going to bed early “to be safe” before a great day usually means lying awake in that zone.',
      ],
    },
  ],
  next: { file: 'others.html', title: 'Other clocks: moulds, flies, leaves' },
};
