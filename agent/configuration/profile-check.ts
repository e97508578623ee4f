/** Checks a profile and rules from the server. Loaded only when a new configuration arrives: the schema library is large. */
import { Compile } from 'typebox/compile'
import { Clean } from 'typebox/value'
import { DeviceRules } from '../../shared/remedy-rules.ts'
import { fillProfile, ProfileInput, type Profile } from '../../shared/profile.ts'

const MAX_ERRORS = 20

function duplicates(names: string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
}

/** Peripherals of every kind share one signal, so they share one list of names. */
const peripheralNames = (profile: Profile) =>
  [profile.peripherals, profile.serial, profile.cameras, profile.audio].flatMap(list => list.map(item => item.name))

/** The profile with its defaults, or what is wrong with it, one line per fault. Fields of a newer server are left out, the rest is obeyed. */
export function checkProfile(given: unknown): { ok: true; profile: Profile } | { ok: false; errors: string[] } {
  const validator = Compile(ProfileInput)
  const value = Clean(ProfileInput, structuredClone(given))
  if (!validator.Check(value)) {
    const errors = [...validator.Errors(value)]
      .slice(0, MAX_ERRORS)
      .map(error => `profile${error.instancePath}: ${error.message}`.slice(0, 500))
    return { ok: false, errors: errors.length > 0 ? errors : ['profile: does not match'] }
  }
  const profile = fillProfile(value)
  const errors = [
    ...duplicates(profile.processes.map(item => item.name)).map(name => `profile/processes: name ${name} is there twice`),
    ...duplicates(profile.units).map(name => `profile/units: ${name} is there twice`),
    ...duplicates(profile.urls.map(item => item.name)).map(name => `profile/urls: name ${name} is there twice`),
    ...duplicates(peripheralNames(profile)).map(name => `profile/peripherals: name ${name} is there twice`),
    ...duplicates(profile.touch.map(item => item.name)).map(name => `profile/touch: name ${name} is there twice`),
    ...duplicates(profile.printers.map(item => item.name)).map(name => `profile/printers: name ${name} is there twice`),
    ...profile.urls
      .filter(item => !/^https?:/.test(item.url) || !URL.canParse(item.url))
      .map(item => `profile/urls: ${item.name} is not a web address`),
  ]
  return errors.length > 0 ? { ok: false, errors: errors.slice(0, MAX_ERRORS) } : { ok: true, profile }
}

/** The rules about remedies, whole, or what is wrong with them. */
export function checkRules(given: unknown): { ok: true; rules: DeviceRules } | { ok: false; errors: string[] } {
  const validator = Compile(DeviceRules)
  // names of a map are no fields that a newer server added: a wrong one is a fault
  if (validator.Check(given)) return { ok: true, rules: given }
  const errors = [...validator.Errors(given)]
    .slice(0, MAX_ERRORS)
    .map(error => `rules${error.instancePath}: ${error.message}`.slice(0, 500))
  return { ok: false, errors: errors.length > 0 ? errors : ['rules: do not match'] }
}
