/** Files of display plugs under /sys/class/drm, for tests. */
import { buildEdid } from './edid-builder.ts'

/** The files of one plug. */
export const plug = (name: string, files: Record<string, string | Uint8Array>) =>
  Object.fromEntries(Object.entries(files).map(([file, content]) => [`sys/class/drm/${name}/${file}`, content]))
/** A plug with a lit display on it. */
export const lit = { status: 'connected\n', enabled: 'enabled\n', dpms: 'On\n', modes: '1920x1080\n1280x720\n', edid: buildEdid() }
/** An empty plug. */
export const dark = { status: 'disconnected\n', enabled: 'disabled\n', dpms: 'Off\n', modes: '', edid: new Uint8Array() }
