import Clock
import CognitoAPI
import Foundation
import LocalLambda
import TestSupport
import XCTest

/// `pooltable reconcile`, as an operator or a scheduler runs it.
final class ReconcileCommandTests: XCTestCase {
  private let pool = "eu-central-1_ExaMPLe01"

  private func reconcile(
    _ database: TestDatabase, pool: String, _ arguments: [String],
    environment: [String: String] = [:]
  ) throws -> CommandRun {
    try CommandRun.pooltable(
      ["reconcile", "--user-pool-id", pool] + arguments,
      environment: environment.merging(["DATABASE_URL": database.ownerURL]) { $1 })
  }

  private func counts(_ run: CommandRun) throws -> [String: Any] {
    try XCTUnwrap(
      JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any], run.errors)
  }

  // MARK: A pool

  func testAPoolOfAThousandUsersFromEmptyToInStep() throws {
    let moto = try MotoServer.shared
    let pool = try moto.createUserPool()
    let database = try TestDatabase()
    var users: [(username: String, sub: String)] = []
    for number in 0..<1020 {
      users.append(
        try moto.createUser(
          "user\(number)", attributes: ["email": "user\(number)@example.com"], in: pool))
    }
    func run(_ arguments: [String]) throws -> (CommandRun, [String: Any]) {
      let run = try reconcile(
        database, pool: pool.text, ["--json", "--max-rate", "500", "--settle", "0"] + arguments,
        environment: moto.environment)
      return (run, try counts(run))
    }
    let (first, inserted) = try run([])
    XCTAssertEqual(first.exitCode, 2, first.errors)
    XCTAssertEqual(inserted["inserted"] as? Int, 1020)
    XCTAssertEqual(
      try database.value(
        "SELECT sub::text FROM cognito.users WHERE email = 'user7@example.com'"), users[7].sub)

    let (second, same) = try run(["--prune"])
    XCTAssertEqual(second.exitCode, 0, second.errors)
    XCTAssertEqual(same["unchanged"] as? Int, 1020)

    // Drift on both sides.
    try database.execute(
      "UPDATE cognito.users SET status = 'x' WHERE username IN ('user1', 'user2', 'user3')")
    try moto.setAttributes(["email": "new@example.com"], of: "user4", in: pool)
    try moto.deleteUser("user5", in: pool)
    let (dry, planned) = try run(["--prune", "--dry-run"])
    XCTAssertEqual(dry.exitCode, 3)
    XCTAssertEqual(planned["updated"] as? Int, 4)
    XCTAssertEqual(planned["deleted"] as? Int, 1)
    let (third, mended) = try run(["--prune"])
    XCTAssertEqual(third.exitCode, 2)
    XCTAssertEqual(mended["updated"] as? Int, 4)
    XCTAssertEqual(mended["deleted"] as? Int, 1)
    XCTAssertEqual(
      try database.value("SELECT username FROM cognito.users WHERE deleted_at IS NOT NULL"), "user5"
    )

    for number in 100..<200 { try moto.deleteUser("user\(number)", in: pool) }
    let (refused, left) = try run(["--prune"])
    XCTAssertEqual(refused.exitCode, 3)
    XCTAssertTrue(refused.errors.contains("100 of 1019 users would be marked"), refused.errors)
    XCTAssertEqual(left["deleted"] as? Int, 0)
  }

  func testErrorsOfTheServiceSayWhatToDo() throws {
    let moto = try MotoServer.shared
    let database = try TestDatabase()
    let missing = try reconcile(
      database, pool: "eu-central-1_nothing", [], environment: moto.environment)
    XCTAssertEqual(missing.exitCode, 1)
    XCTAssertTrue(missing.errors.contains("no such user pool"), missing.errors)
  }

  // MARK: A service that is played

  /// Page after page of 60, with what `faults` says before some of them.
  private func pages(_ count: Int, faults: [Int: [ScriptedServer.Step]] = [:]) -> [ScriptedServer
    .Step]
  {
    (0..<count).flatMap { page -> [ScriptedServer.Step] in
      let users: [[String: Any]] = (0..<60).map { number in
        let id = page * 60 + number
        let digits = String(id + 1_000_000)
        return [
          "Username": "u\(id)", "UserStatus": "CONFIRMED",
          "Attributes": [
            ["Name": "sub", "Value": "00000000-0000-4000-8000-00000\(digits)"],
            ["Name": "email", "Value": "u\(id)@example.com"],
          ],
        ]
      }
      var answer: [String: Any] = ["Users": users]
      if page < count - 1 { answer["PaginationToken"] = "token\(page + 1)" }
      let body = (try? JSONSerialization.data(withJSONObject: answer)) ?? Data()
      return (faults[page] ?? []) + [.answer(200, body: Array(body))]
    }
  }

  private func environment(_ server: ScriptedServer) -> [String: String] {
    [
      "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(server.endpoint)",
      "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
    ]
  }

  private let throttled = ScriptedServer.Step.answer(
    400, body: Array(#"{"__type":"TooManyRequestsException","message":"Rate exceeded"}"#.utf8))

  func testThrottledAndFailingPagesAreAskedForAgain() throws {
    let database = try TestDatabase()
    let server = try ScriptedServer(
      pages(
        6,
        faults: [
          0: [throttled], 2: [.answer(500), throttled, .hangUp],
          4: [.answer(200, body: Array("{}".utf8))],
        ]))
    let cut = try reconcile(
      database, pool: pool, ["--json"], environment: environment(server))
    // An answer that is none of Cognito's is not asked for again: perhaps another program answers.
    XCTAssertEqual(cut.exitCode, 1)
    XCTAssertTrue(cut.errors.contains("is not Cognito's"), cut.errors)
    XCTAssertTrue(cut.errors.contains("--resume"), cut.errors)
    XCTAssertEqual(try counts(cut)["inserted"] as? Int, 240)
    XCTAssertEqual(server.requests.count, 9)

    let rest = try ScriptedServer(Array(pages(6).dropFirst(4)))
    let resumed = try reconcile(
      database, pool: pool, ["--json", "--resume"], environment: environment(rest))
    XCTAssertEqual(resumed.exitCode, 2, resumed.errors)
    XCTAssertEqual(try counts(resumed)["inserted"] as? Int, 360)
    XCTAssertTrue(
      String(decoding: rest.requests.first?.body ?? [], as: UTF8.self).contains("token4"))
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "360")
  }

  func testAnExpiredTokenIsSaid() throws {
    let database = try TestDatabase()
    let first = try ScriptedServer(Array(pages(6).prefix(3)) + [.answer(200)])
    XCTAssertEqual(
      try reconcile(database, pool: pool, [], environment: environment(first)).exitCode, 1)
    let second = try ScriptedServer([
      .answer(400, body: Array(#"{"__type":"InvalidParameterException"}"#.utf8))
    ])
    let run = try reconcile(
      database, pool: pool, ["--resume"], environment: environment(second))
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.errors.contains("without --resume"), run.errors)
  }

  private func start(
    _ database: TestDatabase, _ server: ScriptedServer, _ arguments: [String]
  ) throws -> BootstrapProcess {
    try BootstrapProcess(
      executable: TestEnvironment.products.appendingPathComponent("pooltable").path,
      arguments: ["reconcile", "--user-pool-id", pool] + arguments,
      environment: environment(server).merging([
        "DATABASE_URL": database.ownerURL, "PATH": "/usr/bin:/bin",
      ]) { $1 })
  }

  func testASignalEndsTheRunAfterTheStatementAndItGoesOn() throws {
    let database = try TestDatabase()
    let server = try ScriptedServer(pages(100))
    let process = try start(database, server, ["--max-rate", "10", "--prune"])
    try eventually("some pages") { server.requests.count >= 3 }
    process.send(signal: SIGINT)
    XCTAssertEqual(process.waitForExit(until: .after(.seconds(30))), .exited(3))
    XCTAssertTrue(String(decoding: process.log, as: UTF8.self).contains("--resume"))
    let written = try XCTUnwrap(
      try database.value("SELECT count(*) FROM cognito.users").flatMap { Int($0) })
    XCTAssertGreaterThan(written, 0)
    XCTAssertEqual(written % 60, 0, "whole pages")

    let rest = try ScriptedServer(Array(pages(100).dropFirst(written / 60)))
    let run = try reconcile(
      database, pool: pool, ["--resume", "--prune", "--json", "--max-rate", "500"],
      environment: environment(rest))
    XCTAssertEqual(run.exitCode, 2, run.errors)
    XCTAssertEqual(try counts(run)["inserted"] as? Int, 6000)
    XCTAssertEqual(rest.requests.count, 100 - written / 60, "nothing was asked for twice")
  }

  func testAKilledRunGoesOnWhereItWasSaved() throws {
    let database = try TestDatabase()
    let server = try ScriptedServer(pages(200))
    let process = try start(database, server, ["--max-rate", "10"])
    try eventually("a saved position") {
      try database.value("SELECT position IS NOT NULL FROM cognito.reconciliations") == "t"
    }
    process.send(signal: SIGKILL)
    XCTAssertEqual(process.waitForExit(until: .after(.seconds(30))), .killed(signal: 9))
    let position = try XCTUnwrap(
      try database.value("SELECT position FROM cognito.reconciliations"))
    let page = try XCTUnwrap(Int(position.dropFirst("token".count)))
    let rest = try ScriptedServer(Array(pages(200).dropFirst(page)))
    let run = try reconcile(
      database, pool: pool, ["--resume", "--json", "--max-rate", "500"],
      environment: environment(rest))
    XCTAssertEqual(run.exitCode, 2, run.errors)
    XCTAssertEqual(try counts(run)["listed"] as? Int, 12_000)
    XCTAssertEqual(try database.value("SELECT count(*) FROM cognito.users"), "12000")
  }

  // MARK: A file

  private func listing(_ text: String) throws -> String {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("pooltable-\(UUID().uuidString).json")
    try Data(text.utf8).write(to: url)
    addTeardownBlock { try? FileManager.default.removeItem(at: url) }
    return url.path
  }

  private let sub = "11111111-2222-4333-8444-555555555555"

  private func user(_ email: String) -> String {
    """
    {"Username": "ada", "UserStatus": "CONFIRMED", "Attributes": [
      {"Name": "sub", "Value": "\(sub)"}, {"Name": "email", "Value": "\(email)"}]}

    """
  }

  func testAFileNeedsNoCredentialsAndItsOutputNoValuesUnlessAskedFor() throws {
    let database = try TestDatabase()
    let path = try listing(user("ada@example.com"))
    let first = try reconcile(database, pool: pool, ["--from", path, "--verbose"])
    XCTAssertEqual(first.exitCode, 2, first.errors)
    XCTAssertEqual(
      first.output, "inserted \(sub)\nchanged: 1 user listed, 1 inserted\n")
    let changed = try listing(user("new@example.com"))
    let dry = try reconcile(database, pool: pool, ["--from", changed, "--verbose", "--dry-run"])
    XCTAssertEqual(dry.exitCode, 3)
    XCTAssertEqual(
      dry.output,
      "updated \(sub)  email\ndifferences left (dry run): 1 user listed, 1 would be updated\n")
    let shown = try reconcile(
      database, pool: pool, ["--from", changed, "--verbose", "--show-values", "--dry-run"])
    XCTAssertTrue(
      shown.output.contains(#"email: "ada@example.com" → "new@example.com""#), shown.output)
    let old = try reconcile(
      database, pool: pool, ["--from", changed, "--observed-at", "2020-01-01T00:00:00Z"])
    XCTAssertEqual(old.exitCode, 3)
    XCTAssertTrue(old.output.contains("1 stale"), old.output)
    XCTAssertEqual(
      try database.value("SELECT email FROM cognito.users"), "ada@example.com")
  }

  func testExitCodesOfWhatIsNoListing() throws {
    let database = try TestDatabase()
    let cases: [(String, Int32, String)] = [
      ("", 1, "no user"), (#"{"Users": []}"#, 1, "no user"), ("no JSON at all", 1, "at byte 0"),
      ("{\"\n", 1, "at byte 2"), (#"{"UserPool": {"Id": "x"}}"#, 1, "describes the user pool"),

      (#"{"Users": [{}]}"#, 1, "no user"), (user("a@example.com") + "{", 3, "incomplete"),
      (user("a@example.com") + "{}\n", 3, "skipped: byte"),
    ]
    for (text, code, words) in cases {
      let run = try reconcile(database, pool: pool, ["--from", try listing(text)])
      XCTAssertEqual(run.exitCode, code, "\(text): \(run.errors)")
      XCTAssertTrue(run.errors.contains(words), "\(text): \(run.errors)")
    }
  }

  func testWhatIsWaitedForIsToldAtOnceAndAgainAtTheEnd() throws {
    let port = try TCPRelay.unusedPort()
    let away = "postgresql://pooltable@127.0.0.1:\(port)/app"
    let path = try listing(user("ada@example.com"))
    let process = try BootstrapProcess(
      executable: TestEnvironment.products.appendingPathComponent("pooltable").path,
      arguments: ["reconcile", "--user-pool-id", pool, "--from", path, "--json"],
      environment: ["DATABASE_URL": away, "PATH": "/usr/bin:/bin"])
    func told() -> String {
      process.readLog()
      return String(decoding: process.log, as: UTF8.self)
    }
    try eventually("the cause is told") { told().contains("\n") }
    XCTAssertNotNil(
      told().firstMatch(
        of: /^the database: could not connect: .*; trying again until \d\d:\d\d:\d\d, \^C ends\n$/),
      told())
    process.send(signal: SIGINT)
    XCTAssertEqual(process.waitForExit(until: .after(.seconds(30))), .exited(3))
    XCTAssertTrue(
      told().contains("\ninterrupted while waiting: the database: could not connect"), told())
  }

  func testAnInterruptionEndsAWaitForCognitoInTheFollowUp() throws {
    let database = try TestDatabase()
    // One connection after the other; whatever comes behind the script is answered with 500.
    let users = #"{"Users":[{"Username":"ada","Attributes":[{"Name":"sub","Value":"\#(sub)"}]}]}"#
    let server = try ScriptedServer([
      .answer(200, headers: ["Connection: close"], body: Array(users.utf8))
    ])
    let process = try start(database, server, ["--roles"])
    func told() -> String {
      process.readLog()
      return String(decoding: process.log, as: UTF8.self)
    }
    try eventually("the cause is told") { told().contains("status 500") }
    process.send(signal: SIGINT)
    let asked = server.requests.count
    XCTAssertEqual(process.waitForExit(until: .after(.seconds(60))), .exited(3), told())
    // At most the call that was under way.
    XCTAssertLessThanOrEqual(server.requests.count, asked + 1)
    XCTAssertTrue(
      told().contains("\ninterrupted while waiting: Cognito failed, status 500"), told())
  }

  func testThrottlingIsTold() throws {
    let database = try TestDatabase()
    let server = try ScriptedServer(pages(2, faults: [1: [throttled, throttled]]))
    let run = try reconcile(database, pool: pool, [], environment: environment(server))
    XCTAssertEqual(run.exitCode, 2, run.errors)
    XCTAssertEqual(run.errors.components(separatedBy: "Cognito throttles").count, 2, run.errors)
    XCTAssertTrue(run.errors.contains("trying again until"), run.errors)
  }

  func testWhatNoWaitingMendsEndsAtOnce() throws {
    let database = try TestDatabase()
    let path = try listing(user("ada@example.com"))
    let owner = database.ownerURL
    let cases: [(url: String, words: String)] = [
      (owner.replacingOccurrences(of: "127.0.0.1", with: "no-such-host.invalid"), "look up"),
      (database.url(user: "nobody", password: "wrong"), "28P01"),
      (owner + "_missing", "3D000"), (owner + "?sslmode=require", "SSL"),
      // The function's login can do nothing of this: it is the owner's that is needed.
      (database.handlerURL, "the login that owns the schema"),
    ]
    for (url, words) in cases {
      let start = Instant.now()
      let run = try CommandRun.pooltable(
        ["reconcile", "--user-pool-id", pool, "--from", path], environment: ["DATABASE_URL": url])
      XCTAssertEqual(run.exitCode, 1, words)
      XCTAssertTrue(run.errors.contains(words), run.errors)
      XCTAssertFalse(run.errors.contains("trying again"), run.errors)
      XCTAssertFalse(run.errors.contains("--handler-role"), run.errors)
      XCTAssertLessThan(start.elapsed, .seconds(60))
    }
  }

  func testWhatNoWaitingMendsOnTheWayToCognitoEndsAtOnce() throws {
    let database = try TestDatabase()
    let moto = try MotoServer.shared
    let pool = try moto.createUserPool()
    let plain = moto.endpoint.replacingOccurrences(of: "http:", with: "https:")
    for (url, words) in [
      ("http://no-such-host.invalid", "curl error 6"), (plain, "does not speak TLS"),
    ] {
      let run = try reconcile(
        database, pool: pool.text, [],
        environment: moto.environment.merging([
          "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": url
        ]) { $1 })
      XCTAssertEqual(run.exitCode, 1, words)
      XCTAssertTrue(run.errors.contains(words), run.errors)
      XCTAssertFalse(run.errors.contains("trying again"), run.errors)
    }
  }

  func testAWrongCommandLineIsSaid() throws {
    let database = try TestDatabase()
    let cases: [([String], String)] = [
      (["--user-pool-id", "nonsense"], "user pool's id"),
      (["--max-prune", "101"], "0 to 100"), (["--max-rate", "0"], "--max-rate"),
      (["--show-values"], "--verbose"), (["--verbose", "--json"], "either"),
      (["--observed-at", "2026-01-01T00:00:00Z"], "--from"),
      (["--observed-at", "yesterday", "--from", "-"], "2026-11-21"),
      (["--trust-listing"], "--prune"), (["--prune", "--settle", "25h"], "a day at most"),
      (["--region", "frankfurt"], "an AWS region"),
    ]
    for (arguments, words) in cases {
      let run = try reconcile(database, pool: pool, arguments)
      XCTAssertEqual(run.exitCode, 64, "\(arguments): \(run.errors)")
      XCTAssertTrue(run.errors.contains(words), "\(arguments): \(run.errors)")
    }
    let missing = try reconcile(database, pool: pool, ["--from", "/nonexistent"])
    XCTAssertEqual(missing.exitCode, 1)
    XCTAssertTrue(missing.errors.contains("No such file"), missing.errors)
  }
}
