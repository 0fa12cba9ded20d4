import Clock
import Foundation
import HTTP
import JSON
import LocalLambda

/// A layer that answers HTTP requests from the database, in the name of who sends a token: PostgREST, or a stand-in that
/// does in each request what PostgREST does, with its settings. A process of its own on loopback, which ends with this
/// one.
public final class RequestServer {
  public enum Program {
    /// - Parameter setsClaimsWithoutToken: as PostgREST, which then sets `{"role":"anon"}`; false: nothing is set.
    case standIn(setsClaimsWithoutToken: Bool)
    /// The path of PostgREST's own program.
    case postgrest(String)
  }

  public struct Answer {
    public let status: Int
    /// A list of rows, or an object that tells the error.
    public let body: JSONValue?
  }

  private let port: Int
  private let client: HTTPClient
  /// One of these is kept for as long as the server is needed.
  private let standIn: PythonServer?
  private let postgrest: BootstrapProcess?

  /// - Parameter keySet: a JWKS, by whose keys tokens are verified.
  public init(_ program: Program, for scene: PolicyScene, keySet: String) throws {
    client = try HTTPClient(userAgent: "test/1", bodyLimit: 1 << 20, connectTimeout: .seconds(10))
    var settings = [
      "PGRST_DB_URI": scene.database.url(user: scene.authenticator, password: scene.authenticator),
      "PGRST_DB_SCHEMAS": "api", "PGRST_DB_ANON_ROLE": scene.anon, "PGRST_DB_POOL": "1",
      "PGRST_DB_PRE_REQUEST": "cognito.pre_request", "PGRST_JWT_SECRET": keySet,
    ]
    switch program {
    case .standIn(let setsClaims):
      settings["SETS_CLAIMS_WITHOUT_TOKEN"] = setsClaims ? "yes" : ""
      let server = try PythonServer(
        "requests", script: RequestServer.script, files: [try JSONEncoder().encode(settings)])
      (standIn, postgrest, port) = (server, nil, server.port)
    case .postgrest(let path):
      port = try TCPRelay.unusedPort()
      settings["PGRST_SERVER_HOST"] = "127.0.0.1"
      settings["PGRST_SERVER_PORT"] = "\(port)"
      settings["PGRST_LOG_LEVEL"] = "crit"
      settings["PATH"] = "/usr/bin:/bin"
      (standIn, postgrest) = (
        nil, try BootstrapProcess(executable: path, environment: settings)
      )
      try waitUntilReady()
    }
  }

  /// PostgREST serves nobody before it has read the schema.
  private func waitUntilReady() throws {
    let deadline = Deadline.after(.seconds(30))
    while !deadline.hasPassed {
      let status = (try? get("notices"))?.status
      if let status, status != 503 { return }
      Deadline.after(.milliseconds(100)).sleep()
    }
    throw TestEnvironment.Missing(description: "PostgREST does not answer")
  }

  /// - Parameter path: a table or view of the schema `api`.
  public func get(_ path: String, token: String? = nil) throws -> Answer {
    try answer(.get, path, token)
  }

  /// - Parameters:
  ///   - path: a table of the schema `api`, or `rpc/` and a function of it.
  ///   - body: the row's columns, or the function's arguments.
  public func post(
    _ path: String, _ body: [JSONKey: JSONValue] = [:], token: String? = nil
  ) throws -> Answer {
    try answer(.post(Array(JSONValue.object(body).jsonText.utf8)), path, token)
  }

  private func answer(
    _ method: HTTPRequest.Method, _ path: String, _ token: String?
  ) throws -> Answer {
    var headers = ["Content-Type: application/json"]
    if let token { headers.append("Authorization: Bearer \(token)") }
    let response = try client.perform(
      HTTPRequest(
        method, url: "http://127.0.0.1:\(port)/\(path)", headers: HTTPHeaderList(headers)),
      until: .after(.seconds(30)))
    return Answer(
      status: response.status,
      body: response.body.isEmpty ? nil : try JSONValue(parsing: response.body))
  }

  /// After PostgREST's documentation ("Authentication", "Transactions", "Errors"). One connection serves all requests.
  private static let script = """
    import http.server, json
    import jwt, psycopg
    from psycopg import sql

    settings = json.load(open(sys.argv[1]))
    keys = jwt.PyJWKSet.from_json(settings["PGRST_JWT_SECRET"])
    schema = settings["PGRST_DB_SCHEMAS"]
    connection = psycopg.connect(settings["PGRST_DB_URI"], autocommit=True)

    class Refused(Exception):
        def __init__(self, status, code, message):
            self.status, self.body = status, {"code": code, "message": message}

    def claims(token):
        try:
            key = keys[jwt.get_unverified_header(token)["kid"]]
            return jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": False})
        except (jwt.PyJWTError, KeyError) as error:
            raise Refused(401, "PGRST301", type(error).__name__)

    def status(error, is_signed_in):
        state = error.sqlstate or "XX000"
        if state.startswith("PT") and state[2:].isdigit():
            return int(state[2:])
        if state == "42501":
            return 403 if is_signed_in else 401
        return 409 if state.startswith("23") else 400

    def rows(path, body):
        name = sql.Identifier(schema, path.removeprefix("/rpc/").removeprefix("/"))
        if body is None:
            return connection.execute(sql.SQL("SELECT * FROM {}").format(name))
        if path.startswith("/rpc/"):
            return connection.execute(sql.SQL("SELECT * FROM {}()").format(name))
        columns = sql.SQL(", ").join(map(sql.Identifier, body))
        values = sql.SQL(", ").join(map(sql.Literal, body.values()))
        connection.execute(sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(name, columns, values))

    def answer(path, body, token):
        claimed = claims(token) if token else {}
        role = claimed.get("role", settings["PGRST_DB_ANON_ROLE"])
        connection.execute("BEGIN" if body is not None else "BEGIN READ ONLY")
        try:
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
            if token or settings["SETS_CLAIMS_WITHOUT_TOKEN"]:
                connection.execute(
                    "SELECT set_config('request.jwt.claims', %s, true)", [json.dumps(claimed | {"role": role})])
            connection.execute(f"SELECT {settings['PGRST_DB_PRE_REQUEST']}()")
            result = rows(path, body)
            found = result and [dict(zip([c.name for c in result.description], row)) for row in result.fetchall()]
            connection.execute("COMMIT")
            return 201 if found is None else 200, found
        except psycopg.Error as error:
            connection.execute("ROLLBACK")
            raise Refused(status(error, bool(token)), error.sqlstate, error.diag.message_primary)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self, body=None):
            scheme, _, token = self.headers.get("Authorization", "").partition(" ")
            try:
                status, found = answer(self.path, body, token if scheme == "Bearer" else None)
            except Refused as refused:
                status, found = refused.status, refused.body
            text = b"" if found is None else json.dumps(found, default=str).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_POST(self):
            self.do_GET(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def log_message(self, *ignored):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    ready(server.server_address[1])
    server.serve_forever()
    """
}
