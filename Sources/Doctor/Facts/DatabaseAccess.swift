import Clock
import Postgres

/// The way to the database of a deployment.
public struct DatabaseAccess {
  /// Opens a connection as the function does.
  public typealias Open = (Deadline) throws(PostgresError) -> Connection

  /// As the function has them; the password is among them.
  let parameters: ConnectionParameters
  let open: Open
  /// What can be done about an SQLSTATE.
  let remedy: (SQLState) -> String?
  /// Which migrations there are; nil where the login may not see it.
  let migrations: ((Connection) -> MigrationState?)?

  /// - Parameters: as the properties of the same names.
  public init(
    parameters: ConnectionParameters, open: @escaping Open,
    remedy: @escaping (SQLState) -> String?,
    migrations: ((Connection) -> MigrationState?)? = nil
  ) {
    self.parameters = parameters
    self.open = open
    self.remedy = remedy
    self.migrations = migrations
  }
}

/// Asks the database, as far as it comes.
struct DatabaseExamination {
  private static let statementCount = 5
  private static let connectTimeout = Duration.seconds(15)
  /// How long a pooler may take to give a second connection a process.
  private static let secondConnectionTimeout = Duration.seconds(2)

  let access: DatabaseAccess
  let deployment: Deployment
  let deadline: Deadline
  let report: (Finding) -> Void

  func run() {
    // All hosts together get a part of the time, so that something is left for the rest.
    let lookUpDeadline = deadline.slice(of: 4)
    for host in access.parameters.hosts where HostResolver.isName(host) {
      report(
        ConnectionChecks.resolution(
          host,
          Result { () throws(PostgresError) in
            try HostResolver.addresses(of: host, until: lookUpDeadline)
          }))
    }
    let start = Instant.now()
    let connection: Connection
    do {
      connection = try access.open(
        deadline.slice(of: 2).capped(at: Self.connectTimeout))
    } catch {
      report(ConnectionChecks.refusal(error, remedy: access.remedy))
      return
    }
    let connectTime = start.elapsed
    do {
      try examine(connection, connectTime: connectTime)
    } catch {
      report(ConnectionChecks.refusal(error, remedy: access.remedy))
    }
  }

  private func examine(
    _ connection: Connection, connectTime: Duration
  ) throws(PostgresError) {
    let address = connection.serverAddress
    report(
      ConnectionChecks.connection(to: address, as: try connection.currentUser(until: deadline)))
    let mode = access.parameters.effective("sslmode") ?? "prefer"
    for finding in ConnectionChecks.tls(connection.tls, mode: mode, address: address, now: .now()) {
      report(finding)
    }
    report(ServerChecks.server(try connection.serverFacts(until: deadline)))
    let schema = ServerChecks.Schema(
      functions: try connection.schemaFunctions(until: deadline),
      migrations: access.migrations.flatMap { $0(connection) })
    report(
      ServerChecks.migrations(schema, needed: SchemaRights.needed(for: deployment.features)))
    if schema.functions != nil { try examineLogin(connection) }
    report(PoolerCheck.finding(try poolerFacts(connection)))
    report(
      ConnectionChecks.clock(
        .databaseClock, offset: try connection.clockOffset(until: deadline),
        of: "the server's clock"))
    var times: [Duration] = []
    for _ in 0..<Self.statementCount {
      let start = Instant.now()
      _ = try connection.query("SELECT 1", until: deadline)
      times.append(start.elapsed)
    }
    report(
      ConnectionChecks.roundTrip(
        connect: connectTime, statements: times, budget: deployment.budget))
  }

  private func examineLogin(_ connection: Connection) throws(PostgresError) {
    let role = deployment.handlerRole
    guard let rights = try connection.rights(of: role, until: deadline) else {
      report(.failed(.login, "there is no login \(role ?? "")", "check --handler-role"))
      return
    }
    for finding in LoginCheck.findings(rights, for: deployment.features) { report(finding) }
  }

  private func poolerFacts(_ connection: Connection) throws(PostgresError) -> PoolerCheck.Facts {
    var facts = PoolerCheck.Facts(
      toldPID: connection.backendPID, servingPID: try connection.servingPID(until: deadline))
    guard facts.toldPID != facts.servingPID else { return facts }
    let until = deadline.capped(at: Self.secondConnectionTimeout)
    // Without an answer in time that is a finding, too.
    if let second = try? access.open(until) {
      facts.secondPID = try? second.servingPID(until: until)
    }
    return facts
  }
}
