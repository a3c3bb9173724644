/** Templates without a compiler: the sources run as they are. */
import htm from 'htm';
import { h, type VNode } from 'preact';

type Template = (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

/** Every text goes in as text: nothing here can make markup of it. */
export const html = (htm as unknown as typeof Function.prototype).bind(h) as unknown as Template;
