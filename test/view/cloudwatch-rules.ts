/**
 * The rules that CloudWatch lays on a custom widget's HTML, as a function from HTML to findings: what its sanitizer takes out
 * (script, frames, `use`, handlers), what would leave the console (addresses), and how a `cwdb-action` has to be. Tags are
 * held to a list of those that are used here, all of them plain HTML and SVG: one that is new is looked up first.
 */
import { parseFragment, type DefaultTreeAdapterTypes as Tree } from 'parse5';

const HTML_TAGS =
  'a article bdi code details div figcaption figure form h2 h3 input label li nav p section span strong style summary table tbody td th thead time tr ul';
const SVG_TAGS = 'svg circle line path rect text title';
const ALLOWED_TAGS = new Set([...HTML_TAGS.split(' '), ...SVG_TAGS.split(' '), 'cwdb-action']);
const ACTION_ATTRIBUTES = new Set(['action', 'confirmation', 'display', 'endpoint', 'event']);
/** A name of a namespace is an address that nobody asks for. */
const ADDRESS = /(?:https?:|\/\/|javascript:|data:|@import|url\()/i;
const ADDRESS_ATTRIBUTES = new Set(['href', 'src', 'srcset', 'action', 'formaction', 'xlink:href', 'poster', 'style']);

export function findViolations(html: string): string[] {
  return elementsOf(parseFragment(html)).flatMap((element) => [
    ...(ALLOWED_TAGS.has(element.tagName) ? [] : [`tag ${element.tagName}`]),
    ...element.attrs.flatMap(({ name, value }) => judgeAttribute(element, name, value)),
    ...(element.tagName === 'style' && ADDRESS.test(textOf(element)) ? ['style with an address'] : []),
    ...(element.tagName === 'cwdb-action' ? judgeAction(element) : []),
  ]);
}

function judgeAttribute({ tagName }: Tree.Element, name: string, value: string): string[] {
  if (/^on/i.test(name)) return [`attribute ${name}`];
  if (tagName === 'cwdb-action') return [];
  return ADDRESS_ATTRIBUTES.has(name) ? [`attribute ${name}="${value}"`] : [];
}

/** It gives a behaviour to the element right before it, so that has to be its button. */
function judgeAction(action: Tree.Element): string[] {
  const findings = action.attrs
    .filter(({ name }) => !ACTION_ATTRIBUTES.has(name))
    .map(({ name }) => `cwdb-action ${name}`);
  const siblings = action.parentNode?.childNodes ?? [];
  const before = siblings.slice(0, siblings.indexOf(action)).findLast((node) => 'tagName' in node);
  if (!before || !('tagName' in before) || before.tagName !== 'a') findings.push('cwdb-action without its button');
  if (attributeOf(action, 'action') !== 'call') findings.push('cwdb-action that calls nothing');
  if (!/^arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:[\w-]+$/.test(attributeOf(action, 'endpoint') ?? '')) {
    findings.push(`cwdb-action endpoint ${attributeOf(action, 'endpoint')}`);
  }
  if (![undefined, 'popup', 'widget'].includes(attributeOf(action, 'display'))) findings.push('cwdb-action display');
  if (elementsOf(action).length > 0) findings.push('cwdb-action with markup inside');
  try {
    JSON.parse(textOf(action));
  } catch {
    findings.push('cwdb-action without JSON');
  }
  return findings;
}

function attributeOf({ attrs }: Tree.Element, name: string): string | undefined {
  return attrs.find((attribute) => attribute.name === name)?.value;
}

/** In document order. */
export function elementsOf(node: Tree.Node): Tree.Element[] {
  if (!('childNodes' in node)) return [];
  return node.childNodes.flatMap((child) => ['tagName' in child ? [child] : [], elementsOf(child)].flat());
}

export function textOf(node: Tree.Node): string {
  if ('value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}

export interface Click {
  label: string;
  endpoint: string;
  confirmation: string | undefined;
  request: Record<string, unknown>;
}

/** Everything that can be clicked in a widget. */
export function clicksOf(html: string): Click[] {
  return elementsOf(parseFragment(html))
    .filter(({ tagName }) => tagName === 'cwdb-action')
    .map((action) => {
      const siblings = action.parentNode?.childNodes ?? [];
      const button = siblings[siblings.indexOf(action) - 1];
      return {
        label: button ? textOf(button) : '',
        endpoint: attributeOf(action, 'endpoint') ?? '',
        confirmation: attributeOf(action, 'confirmation'),
        request: JSON.parse(textOf(action)) as Record<string, unknown>,
      };
    });
}
