/** The field guide's pages as HTML: plain, without scripts, readable from a file. */
export type Section = { heading: string; body: string[] };
/** `body` entries are paragraphs; those that begin with `<` stand as they are. */
export type Page = {
  file: string;
  title: string;
  lead: string;
  sections: Section[];
  next?: { file: string; title: string };
};

const paragraph = (text: string): string => (text.startsWith('<') ? text : `<p>${text}</p>`);

const section = ({ heading, body }: Section): string =>
  `<section>\n<h2>${heading}</h2>\n${body.map(paragraph).join('\n')}\n</section>`;

export const html = ({ title, lead, sections, next }: Page): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · A field guide to circadian rhythms</title>
<link rel="stylesheet" href="style.css">
</head>
<body>
<header><a href="index.html">A field guide to circadian rhythms</a></header>
<main>
<h1>${title}</h1>
<p class="lead">${lead}</p>
${sections.map(section).join('\n')}
${next ? `<p class="next">Next: <a href="${next.file}">${next.title}</a></p>` : ''}
</main>
<footer>For curious readers; not medical advice.</footer>
</body>
</html>
`;
