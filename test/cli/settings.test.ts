import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectionOf, type Flags, type Profiles, pathOf, writeProfiles } from '../../cli/settings.ts';
import { home } from './kit.ts';

const PROFILES: Profiles = {
  current: 'work',
  profiles: {
    work: { url: 'https://work.example.com', key: 'ck_work', adminKey: 'admin-work' },
    home: { url: 'https://home.example.com/', key: 'ck_home' },
  },
};

/** A home with these profiles, and a project whose local system wrote where it is. */
function machine({ profiles = PROFILES, local }: { profiles?: Profiles | null; local?: string } = {}) {
  const folder = home();
  const env: Record<string, string> = { HOME: folder };
  if (profiles) writeProfiles({ env }, profiles);
  const cwd = join(folder, 'project/src');
  mkdirSync(cwd, { recursive: true });
  if (local) {
    mkdirSync(join(folder, 'project/.circadian'));
    const lines = [`CIRCADIAN_URL='${local}'`, "CIRCADIAN_API_KEY='ck_local'", "CIRCADIAN_ADMIN_KEY='admin-local'"];
    writeFileSync(join(folder, 'project/.circadian/env'), lines.join('\n'));
  }
  const connected = (flags: Flags = {}, more: Record<string, string> = {}) => {
    const { url, key, adminKey } = connectionOf({ env: { ...env, ...more }, cwd }, flags);
    return [url, key, adminKey];
  };
  return { connected, env, cwd };
}

describe('the deployment', () => {
  it('is that of the flag, the environment, the local system, or the profile, in this order', () => {
    const { connected } = machine({ local: 'http://127.0.0.1:3000' });
    const env = { CIRCADIAN_URL: 'https://env.example.com', CIRCADIAN_API_KEY: 'ck_env' };
    expect(connected({ url: 'https://flag.example.com' }, env)).toEqual(['https://flag.example.com', null, null]);
    const key = { CIRCADIAN_API_KEY: 'ck_env' };
    expect(connected({ url: 'https://flag.example.com' }, key)).toEqual(['https://flag.example.com', 'ck_env', null]);
    expect(connected({}, env)).toEqual(['https://env.example.com', 'ck_env', null]);
    expect(connected()).toEqual(['http://127.0.0.1:3000', 'ck_local', 'admin-local']);
    expect(machine().connected()).toEqual(['https://work.example.com', 'ck_work', 'admin-work']);
    expect(connected({ profile: 'home' }, env)).toEqual(['https://home.example.com', 'ck_home', null]);
    expect(connected({}, { CIRCADIAN_PROFILE: 'home' })).toEqual(['https://home.example.com', 'ck_home', null]);
  });

  it('is the local system also where its address ends in a slash', () => {
    const { connected } = machine({ local: 'http://localhost:3000/' });
    expect(connected()).toEqual(['http://localhost:3000', 'ck_local', 'admin-local']);
  });

  it('never gets the key of another one', () => {
    const { connected } = machine({ local: 'http://127.0.0.1:3000' });
    expect(connected({ url: 'https://other.example.com' })).toEqual(['https://other.example.com', null, null]);
    expect(connected({}, { CIRCADIAN_URL: 'https://other.example.com' })[1]).toBe(null);
    expect(connected({ url: 'https://work.example.com/' })).toEqual([
      'https://work.example.com',
      'ck_work',
      'admin-work',
    ]);
    expect(connected({ url: 'https://work.example.com.evil.org' })[1]).toBe(null);
    const env = { CIRCADIAN_API_KEY: 'ck_env', CIRCADIAN_ADMIN_KEY: 'admin-env' };
    expect(connected({}, env)).toEqual(['http://127.0.0.1:3000', 'ck_local', 'admin-local']);
    expect(machine().connected({}, env)).toEqual(['https://work.example.com', 'ck_work', 'admin-work']);
  });

  it('is never another machine because a folder says so', () => {
    for (const local of ['https://evil.example.com', 'http://127.0.0.1.evil.org:80', 'http://127.0.0.1:80@evil.org'])
      expect(() => machine({ local }).connected()).toThrow('project/.circadian/env names no local system');
  });

  it.each([
    ['http://10.0.0.7:3000', 'over the network for everybody to read'],
    ['http://127.0.0.1.evil.org', 'over the network for everybody to read'],
    ['https://ck_secret@example.com/', 'Give https://example.com alone'],
    ['https://example.com/?key=ck_secret', 'Give https://example.com alone'],
    ['https://example.com/api#ck_secret', 'Give https://example.com/api alone'],
  ])('is not %s', (url, why) => {
    const { connected } = machine();
    expect(() => connected({ url })).toThrow(why);
    expect(() => connected({ url })).not.toThrow('ck_secret');
  });

  it('must be known', () => {
    const { connected } = machine({ profiles: null });
    expect(() => connected()).toThrow('No deployment is known here');
    expect(() => connected({ profile: 'none' })).toThrow('There is no profile none.');
    expect(() => connected({ profile: 'constructor' })).toThrow('There is no profile');
    expect(() => connected({ url: 'ftp://x' })).toThrow('is no address');
  });

  it('is told when its profiles cannot be written', () => {
    const { env } = machine();
    const inTheWay = `${env.HOME}/a-file`;
    writeFileSync(inTheWay, '');
    expect(() => writeProfiles({ env: { XDG_CONFIG_HOME: inTheWay } }, { current: null, profiles: {} })).toThrow(
      `${inTheWay}/circadian/config.json cannot be written (ENOTDIR). It is as it was.`,
    );
  });

  it('is told when its profiles cannot be read', () => {
    const { connected, env } = machine();
    writeFileSync(pathOf({ env }), '{');
    expect(() => connected()).toThrow('is no JSON');
    expect(pathOf({ env: { XDG_CONFIG_HOME: '/x' } })).toBe('/x/circadian/config.json');
  });
});
