/** The one line a field engineer copies: pinned to this server's key, so that nobody in between can change what runs as root. */

/** Commands for both systems. The Windows one needs Node 26 on the machine. */
export function installCommands(facts: { publicUrl: string; pin: string; token: string }): { linux: string; windows: string } {
  const { publicUrl, pin, token } = facts
  const fetchPinned = `curl -fsSk --pinnedpubkey '${pin}'`
  const folder = '%ProgramData%\\kioskeeper-agent'
  const agent = `"${folder}\\kioskeeper-agent.mjs"`
  const fetchWindows = (path: string, file: string): string =>
    `curl.exe -fsSk --pinnedpubkey "${pin}" -o "${folder}\\${file}" ${publicUrl}${path}`
  return {
    linux: `${fetchPinned} ${publicUrl}/install.sh | sudo sh -s -- --token ${token}`,
    windows: [
      `mkdir "${folder}"`,
      fetchWindows('/download/agent/kioskeeper-agent.mjs', 'kioskeeper-agent.mjs'),
      fetchWindows('/download/ca.pem', 'ca.pem'),
      `node ${agent} enrol --server ${publicUrl} --token ${token} --ca-file "${folder}\\ca.pem" --data-dir "${folder}\\data"`,
      `node ${agent} run --data-dir "${folder}\\data"`,
    ].join(' && '),
  }
}
