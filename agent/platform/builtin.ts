/** Modules of Node loaded when first used: an agent on a plain line or without watched addresses never pays for TLS or HTTP (3 to 4 MB). */

/** node:tls */
export const tls = () => process.getBuiltinModule('node:tls')
/** node:http */
export const http = () => process.getBuiltinModule('node:http')
/** node:https */
export const https = () => process.getBuiltinModule('node:https')
/** node:child_process */
export const childProcess = () => process.getBuiltinModule('node:child_process')
/** node:dgram */
export const dgram = () => process.getBuiltinModule('node:dgram')
