"""An OpenID provider on loopback, and somebody who signs in through it at MiniStack's managed login.

The provider takes everybody's word for who they are: its tokens have no signature, and MiniStack looks at none.
"""

import base64
import http.client
import http.server
import json
import threading
import urllib.parse
import uuid

CALLBACK = "http://localhost/signed-in"


class Provider:
    """One that answers a code with the claims that are kept for it."""

    def __init__(self, name):
        self.name = name
        self._claims = {}
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                claims = provider._claims.pop(form["code"][0])
                parts = ({"alg": "none"}, claims)
                token = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
                body = json.dumps({"id_token": token + ".", "access_token": "none", "token_type": "Bearer"}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}"

    def connect(self, cognito, pool):
        """Makes it an identity provider of the pool, and an app client for it. Returns the client's id."""
        cognito.create_identity_provider(
            UserPoolId=pool, ProviderName=self.name, ProviderType="OIDC",
            ProviderDetails={
                "client_id": "pooltable", "client_secret": "secret", "attributes_request_method": "GET",
                "oidc_issuer": self.url, "authorize_scopes": "openid email", "authorize_url": f"{self.url}/authorize",
                "token_url": f"{self.url}/token"},
            AttributeMapping={"email": "email", "email_verified": "email_verified", "name": "name"})
        return cognito.create_user_pool_client(
            UserPoolId=pool, ClientName=self.name, SupportedIdentityProviders=[self.name], CallbackURLs=[CALLBACK],
            AllowedOAuthFlowsUserPoolClient=True, AllowedOAuthFlows=["code"],
            AllowedOAuthScopes=["openid", "email"])["UserPoolClient"]["ClientId"]

    def tokens(self, endpoint, client, **claims):
        """What Cognito's token endpoint gives to whom the provider describes so; its error, where it gives none."""
        start = redirect(endpoint, "/oauth2/authorize", {
            "identity_provider": self.name, "client_id": client, "redirect_uri": CALLBACK, "response_type": "code",
            "scope": "openid email", "state": "app"})
        code = str(uuid.uuid4())
        self._claims[code] = {"iss": self.url, "aud": "pooltable", **claims}
        back = redirect(endpoint, "/oauth2/idpresponse", {"code": code, "state": start["state"]})
        if "code" not in back:
            return back
        return token_endpoint(
            endpoint, grant_type="authorization_code", client_id=client, redirect_uri=CALLBACK, code=back["code"])

    def sign_in(self, endpoint, client, **claims):
        """The claims of the ID token that such a one is given; the error, where there is none."""
        tokens = self.tokens(endpoint, client, **claims)
        if "id_token" not in tokens:
            return tokens
        payload = tokens["id_token"].split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


class Answer:
    def __init__(self, response):
        self.status, self.location, self.body = response.status, response.getheader("Location"), response.read().decode()


def request(endpoint, method, path, body=None):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(endpoint).netloc, timeout=60)
    connection.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded"} if body else {})
    return Answer(connection.getresponse())


def redirect(endpoint, path, parameters):
    """The parameters of the place that the browser is sent to, or the error in their place."""
    answer = request(endpoint, "GET", f"{path}?{urllib.parse.urlencode(parameters)}")
    if answer.status != 302:
        return {"error": answer.body}
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.location).query))


def token_endpoint(endpoint, **form):
    """What Cognito's token endpoint answers."""
    return json.loads(request(endpoint, "POST", "/oauth2/token", urllib.parse.urlencode(form)).body)
