/** The Business Rule a ServiceNow administrator pastes: it tells us that an incident changed, and nothing of what it says. */

/** Script of an async Business Rule on incident, after insert and update. */
export function serviceNowScript({ url, secret, syncUser }: { url: string; secret: string; syncUser: string | null }): string {
  return `// Business Rule "Tell Kioskeeper": table incident, when async, on insert and update.
(function executeRule(current, previous) {
  // What Kioskeeper itself wrote is no news to it.
  if (String(current.sys_updated_by) === ${JSON.stringify(syncUser ?? '')}) return;
  var message = new sn_ws.RESTMessageV2();
  message.setHttpMethod('post');
  message.setEndpoint(${JSON.stringify(url)});
  message.setRequestHeader('Content-Type', 'application/json');
  message.setRequestHeader('x-kioskeeper-secret', ${JSON.stringify(secret)});
  message.setRequestBody(JSON.stringify({
    sys_id: String(current.sys_id),
    number: String(current.number),
    state: String(current.state),
    correlation_id: String(current.correlation_id),
    sys_mod_count: String(current.sys_mod_count),
    sys_updated_on: String(current.sys_updated_on),
    sys_updated_by: String(current.sys_updated_by)
  }));
  message.executeAsync();
})(current, previous);
`
}
