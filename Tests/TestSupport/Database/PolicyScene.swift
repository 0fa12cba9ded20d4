import Foundation
import JSON

/// A database with examples of `Fixtures/policies`, and users. The roles that requests run as have names of their own
/// here, since roles are the whole server's.
public final class PolicyScene {
  public static let pool = "eu-central-1_ExaMPLe01"
  public static let issuer = "https://cognito-idp.eu-central-1.amazonaws.com/\(pool)"

  public let database: TestDatabase
  /// Their name is what the examples call them.
  public let anon: String
  public let authenticated: String
  /// The login of a layer that answers requests, which may become either; its password is its name.
  public let authenticator: String

  /// - Parameter examples: beside `request_roles`.
  public init(_ examples: String...) throws {
    database = try TestDatabase()
    let unique = database.name.suffix(16)
    (anon, authenticated) = ("anon_\(unique)", "authenticated_\(unique)")
    authenticator = "authenticator_\(unique)"
    for example in ["request_roles"] + examples {
      try database.execute(named(Self.text(of: example)))
    }
    try database.execute(
      """
      CREATE ROLE \(authenticator) LOGIN NOINHERIT PASSWORD '\(authenticator)';
      GRANT \(anon), \(authenticated) TO \(authenticator);
      """)
  }

  deinit {
    let roles = "\(authenticator), \(anon), \(authenticated)"
    try? database.execute("DROP OWNED BY \(roles); DROP ROLE \(roles)")
  }

  /// The text of a file of `Fixtures/policies`.
  public static func text(of example: String) throws -> String {
    try String(
      contentsOf: TestEnvironment.fixtures.appendingPathComponent("policies/\(example).sql"),
      encoding: .utf8)
  }

  public static func examples() throws -> [String] {
    let names = try FileManager.default.contentsOfDirectory(
      atPath: TestEnvironment.fixtures.appendingPathComponent("policies").path
    ).filter { $0.hasSuffix(".sql") }.map { String($0.dropLast(4)) }
    guard !names.isEmpty else { throw TestEnvironment.Missing(description: "no policies") }
    return names.sorted()
  }

  private func named(_ sql: String) -> String {
    [("anon", anon), ("authenticated", authenticated)].reduce(sql) { sql, name in
      sql.replacingOccurrences(
        of: "\\b\(name.0)\\b", with: name.1, options: .regularExpression)
    }
  }

  /// A live user of the pool.
  public func addUser(
    _ name: String, sub: String? = nil, roles: [String] = [], attributes: String = "{}"
  ) throws -> TestUser {
    let sub = sub ?? UUID().uuidString.lowercased()
    let id = try database.value(
      """
      INSERT INTO cognito.users (user_pool_id, sub, username, email, attributes, observed_at)
      VALUES ($1::text, $2::uuid, $3::text, $3::text || '@example.com', $4::jsonb, now()) RETURNING id
      """, [Self.pool, sub, name, attributes])
    guard let id else { throw TestEnvironment.Missing(description: "no id") }
    for role in roles {
      try database.query(
        "INSERT INTO cognito.roles (name) VALUES ($1::text) ON CONFLICT DO NOTHING", [role])
      try database.query(
        """
        INSERT INTO cognito.user_roles
        SELECT $1::uuid, id FROM cognito.roles WHERE name::text = $2::text
        """, [id, role])
    }
    return TestUser(id: id, sub: sub)
  }

  /// The claims of a user's access token.
  public static func claims(sub: String, issuer: String = issuer) -> String {
    JSONValue.object(["iss": .string(issuer), "sub": .string(sub), "token_use": .string("access")])
      .jsonText
  }

  /// What a request does: a transaction as a role, with claims.
  ///
  /// - Parameters:
  ///   - claims: nil sets none.
  ///   - role: nil is `authenticated`.
  ///   - commits: false takes it back.
  public func request<Answer>(
    claims: String?, role: String? = nil, commits: Bool = false, _ work: () throws -> Answer
  ) throws -> Answer {
    try database.execute("BEGIN; SET LOCAL ROLE \(role ?? authenticated)")
    do {
      if let claims {
        try database.query("SELECT set_config('request.jwt.claims', $1::text, true)", [claims])
      }
      let answer = try work()
      try database.execute(commits ? "COMMIT" : "ROLLBACK")
      return answer
    } catch {
      try database.execute("ROLLBACK")
      throw error
    }
  }
}
