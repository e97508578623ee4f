/** Signals in the words of a ticket's subject. */

const WORDS: Record<string, string> = {
  'agent.offline': 'no contact',
  'agent.missing': 'not seen for 7 days',
  'app.crashed': 'the kiosk app crashed',
  'app.frozen': 'the kiosk app does not answer',
  'screen.blank': 'the screen is blank',
  'screen.error-page': 'the screen shows an error',
  'page.unreachable': 'the kiosk page cannot be reached',
  'app.errors': 'the kiosk app reports errors',
  'display.disconnected': 'the display is disconnected',
  'display.off': 'the display is off',
  'display.wrong-mode': 'the display has a wrong mode',
  'touch.missing': 'the touch screen is missing',
  'usb.missing': 'a device is missing',
  'usb.unstable': 'a device comes and goes',
  'printer.offline': 'the printer is offline',
  'printer.jam': 'paper jam',
  'printer.cover-open': 'the printer cover is open',
  'printer.paper-out': 'the paper is out',
  'printer.paper-low': 'the paper is low',
  'disk.full': 'the disk is full',
  'disk.filling': 'the disk is filling up',
  'disk.failing': 'the disk is failing',
  'filesystem.read-only': 'the file system is read-only',
  'memory.pressure': 'memory runs short',
  'memory.leak': 'a program keeps growing',
  'cpu.saturated': 'the processor is saturated',
  'temperature.high': 'too hot',
  'power.battery': 'on battery',
  'power.undervoltage': 'under-voltage',
  'clock.drift': 'the clock is wrong',
  'reboot.unexpected': 'unexpected reboot',
  'oom.killed': 'a program was killed for memory',
  'process.missing': 'a program is not running',
  'unit.failed': 'a service failed',
  'url.failing': 'an address does not answer',
  'certificate.expiring': 'a certificate is about to expire',
  'network.degraded': 'the network is poor',
  'business.silent': 'no business activity',
  'config.invalid': 'the configuration was refused',
  'agent.outdated': 'the agent is too old',
  'spool.gap': 'data was lost on the device',
  'agent.cloned': 'one credential is used twice',
  'site.offline': 'the whole site is offline',
  'platform.offline': 'a large part of all devices is offline',
}

/** What is wrong: the rule's own title, else our words, else the signal spelled out. The component is named. */
export function spellFault(fault: { signal: string; component: string; title: string | undefined }): string {
  const words = fault.title ?? WORDS[fault.signal] ?? fault.signal.replaceAll(/[.-]/g, ' ')
  return fault.component === '' ? words : `${words}: ${fault.component}`
}
