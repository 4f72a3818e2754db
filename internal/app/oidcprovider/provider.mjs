// node provider.mjs PORT REDIRECT_URI SECRET: an OpenID Connect provider on localhost, with the forms for development that
// the library has. Any password is right. The groups of a person are said at the userinfo endpoint alone, which is what the
// library does unless told otherwise, as many providers do.
import Provider from "oidc-provider";

const [port, redirectURI, secret] = process.argv.slice(2);
const groups = { anna: ["staff", "librarians"], alma: ["admins"], otto: ["visitors"], nora: undefined };

new Provider(`http://localhost:${port}`, {
  clients: [{ client_id: "sheaf", client_secret: secret, redirect_uris: [redirectURI], grant_types: ["authorization_code"], response_types: ["code"] }],
  claims: { openid: ["sub"], profile: ["preferred_username"], groups: ["groups"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: `${id}@library`, groups: groups[id] }) }),
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ["for a test"] },
}).listen(Number(port), "localhost", () => console.log("listening"));
