import Clock
import Foundation
import Postgres
import SchemaMigrations

/// A database of its own for one test, migrated, with a login as the Lambda function has one.
///
/// The database goes with the last reference to it.
public final class TestDatabase {
  public let name: String
  public let owner: Connection
  public let handlerLogin: String
  private let server: Connection
  private let serverURL: URLComponents

  /// - Parameters:
  ///   - migrated: false leaves the database empty and makes no login.
  ///   - server: nil takes the server that all tests share.
  ///   - encoding: nil takes the server's, which is UTF8.
  public init(
    migrated: Bool = true, on server: ServerUnderTest? = nil, encoding: String? = nil
  ) throws {
    let unique = UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "").prefix(16)
    name = "pooltable_test_\(unique)"
    handlerLogin = "handler_\(unique)"
    let url = try server?.url ?? TestEnvironment.databaseURL()
    guard let components = URLComponents(string: url) else {
      throw TestEnvironment.Missing(description: "POOLTABLE_TEST_DATABASE_URL is not a URL")
    }
    serverURL = components
    self.server = try Self.connect(to: url)
    let template = encoding.map { " TEMPLATE template0 ENCODING '\($0)' LOCALE 'C'" } ?? ""
    try self.server.execute(
      script: "CREATE DATABASE \(name)\(template)", until: .after(.seconds(30)))
    owner = try Self.connect(to: Self.url(components, database: name))
    guard migrated else { return }
    try migrate()
  }

  deinit {
    owner.close()
    try? server.execute(
      script: "DROP DATABASE IF EXISTS \(name) WITH (FORCE)", until: .after(.seconds(30)))
    try? server.execute(
      script: "DROP ROLE IF EXISTS \(handlerLogin)", until: .after(.seconds(30)))
  }

  public func migrate() throws {
    try Migrator(connection: owner).migrate()
    try execute("CREATE ROLE \(handlerLogin) LOGIN PASSWORD '\(handlerPassword)'")
    try Migrator(connection: owner).grantHandler(to: handlerLogin)
  }

  public var handlerPassword: String { "handler-secret" }

  public var ownerURL: String { Self.url(serverURL, database: name) }

  public var handlerURL: String { urlForHandler() }

  /// With another host or port than the server's, or with parameters, as libpq knows them.
  public func urlForHandler(
    host: String? = nil, port: Int? = nil, query: [String: String] = [:]
  ) -> String {
    url(user: handlerLogin, password: handlerPassword, host: host, port: port, query: query)
  }

  public func url(
    user: String, password: String, host: String? = nil, port: Int? = nil,
    query: [String: String] = [:]
  ) -> String {
    var components = serverURL
    components.user = user
    components.password = password
    components.path = "/\(name)"
    if let host { components.host = host }
    if let port { components.port = port }
    if !query.isEmpty {
      components.queryItems = query.sorted { $0.key < $1.key }
        .map { URLQueryItem(name: $0.key, value: $0.value) }
    }
    return components.string ?? ""
  }

  /// The server's port on loopback.
  public var serverPort: Int { serverURL.port ?? 5432 }

  /// Runs `body` in a thread of its own as soon as a session here waits for a lock, or after 20 seconds.
  public func whenALockIsWaitedFor(_ body: @escaping () -> Void) throws {
    let watcher = try connect()
    let end = Deadline.after(.seconds(20))
    inBackground {
      let waiting = """
        SELECT count(*) FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND datname = current_database()
        """
      try? eventually("a session that waits for a lock", within: .seconds(20)) {
        try watcher.query(waiting, until: end).text(row: 0, column: 0) != "0"
      }
      body()
    }
  }

  /// Waits until this session waits for a lock.
  ///
  /// - Parameter processID: what its `pg_backend_pid()` says.
  public func waitForLockWait(of processID: String) throws {
    try eventually("session \(processID) waits for a lock") {
      try value(
        "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = $1::integer", [processID]
      )
        == "t"
    }
  }

  /// One more connection of the owner.
  public func connect() throws -> Connection { try Self.connect(to: ownerURL) }

  @discardableResult
  public func query(_ sql: String, _ parameters: [String?] = []) throws -> [[String?]] {
    try owner.query(sql, parameters, until: .after(.seconds(30))).rows
  }

  public func execute(_ script: String) throws {
    try owner.execute(script: script, until: .after(.seconds(30)))
  }

  /// The first value of the first row.
  public func value(_ sql: String, _ parameters: [String?] = []) throws -> String? {
    try query(sql, parameters).first?.first ?? nil
  }

  private static func connect(to url: String) throws -> Connection {
    try Connection.open(ConnectionParameters(parsing: url), until: .after(.seconds(30)))
  }

  private static func url(_ components: URLComponents, database: String) -> String {
    var components = components
    components.path = "/\(database)"
    return components.string ?? ""
  }
}
