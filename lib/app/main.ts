/** The dashboard: /app. What it may do is what the key may do. */
import { render } from 'preact';
import { takeKey } from './api.ts';
import { html } from './html.ts';
import { Shell } from './shell.ts';
import { takeZone } from './times.ts';

takeKey();
takeZone();
// A link with another key, in a page that is open already.
addEventListener('hashchange', () => {
  if (takeKey()) location.reload();
});
const root = document.getElementById('app')!;
// What stood there while the scripts came is no part of every screen.
root.replaceChildren();
render(html`<${Shell} />`, root);
