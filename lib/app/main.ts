/** The dashboard: /app. What it may do is what the key may do. */
import { render } from 'preact';
import { takeKey } from './api.ts';
import { html } from './html.ts';
import { Shell } from './shell.ts';

takeKey();
render(html`<${Shell} />`, document.getElementById('app')!);
