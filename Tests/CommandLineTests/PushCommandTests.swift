import Clock
import Foundation
import LocalLambda
import TestSupport
import XCTest

/// `pooltable push`, as an operator or a scheduler runs it.
final class PushCommandTests: XCTestCase {
  private func push(_ scene: RoleScene, _ arguments: [String] = []) throws -> CommandRun {
    try CommandRun.pooltable(["push"] + arguments, environment: scene.environment)
  }

  private func start(_ scene: RoleScene, _ arguments: [String]) throws -> BootstrapProcess {
    try BootstrapProcess(
      executable: TestEnvironment.products.appendingPathComponent("pooltable").path,
      arguments: ["push"] + arguments,
      environment: scene.environment.merging(["PATH": "/usr/bin:/bin"]) { $1 })
  }

  func testOnceSaysWhatItDidAndStatusWhatIsLeft() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")

    let before = try push(scene, ["--status"])
    XCTAssertEqual(before.exitCode, 0, before.errors)
    XCTAssertTrue(before.output.hasPrefix("1 change waiting, 0 to be tried again"), before.output)

    let refused = try push(scene)
    XCTAssertEqual(refused.exitCode, 1)
    XCTAssertTrue(refused.output.contains("1 kept with an error"), refused.output)
    let kept = try push(scene, ["--status"])
    XCTAssertTrue(kept.output.contains("admin: the group does not exist"), kept.output)

    let pushed = try push(scene, ["--retry-failed", "--create-groups", "--json"])
    XCTAssertEqual(pushed.exitCode, 0, pushed.errors)
    XCTAssertEqual(
      pushed.output,
      #"{"added":1,"createdGroups":1,"keptBack":0,"postponed":0,"removed":0,"users":1,"waiting":0}"#
        + "\n")
    XCTAssertEqual(try scene.groups(), ["ada": ["admin"]])
    let after = try push(scene, ["--status", "--json"])
    XCTAssertEqual(
      after.output, #"{"keptBack":[],"keptBackCount":0,"retrying":0,"waiting":0}"# + "\n")
  }

  func testARegionsPushLeavesPoolsOfOtherRegionsAlone() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    for (region, groups) in [("us-east-1", []), ("eu-central-1", ["admin"])]
      as [(String, Set<String>)]
    {
      let run = try push(scene, ["--create-groups", "--region", region])
      XCTAssertEqual(run.exitCode, 0, run.errors)
      XCTAssertEqual(try scene.groups(), ["ada": groups], region)
    }
    let wrong = try push(scene, ["--region", "frankfurt"])
    XCTAssertEqual(wrong.exitCode, 64)
    XCTAssertTrue(wrong.errors.contains("an AWS region"), wrong.errors)
  }

  /// The words that an operator gets, and then just the command that they name.
  func testARenamedRoleIsHealedByTheCommandThatTheMessageNames() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.moto.createGroup("editor", in: scene.pool)
    try scene.addRole("editor")
    try scene.give("editor", to: "ada")
    XCTAssertEqual(try push(scene).exitCode, 0)
    XCTAssertEqual(try scene.groups(), ["ada": ["editor"]])

    try scene.database.execute("UPDATE cognito.roles SET name = 'Editors' WHERE name = 'editor'")
    let refused = try push(scene)
    XCTAssertEqual(refused.exitCode, 1)
    XCTAssertEqual(
      refused.output,
      "1 user pushed: 0 groups added, 0 removed, 0 created; left: 0 changes waiting, 0 to be tried again, "
        + "2 kept with an error (see --status)\n")
    XCTAssertEqual(try scene.groups(), ["ada": ["editor"]], "nobody is without a group meanwhile")
    let again = try push(scene)
    XCTAssertEqual(again.exitCode, 1, "what is kept is not done")
    XCTAssertTrue(again.output.hasPrefix("0 users pushed"), again.output)

    let status = try push(scene, ["--status"]).output
    let command = try XCTUnwrap(status.firstMatch(of: /run 'pooltable push ([^']*)'/)?.1)
    let healed = try push(scene, command.split(separator: " ").map(String.init))
    XCTAssertEqual(healed.exitCode, 0, healed.errors)
    XCTAssertEqual(try scene.groups(), ["ada": ["Editors"]])
    XCTAssertEqual(try scene.waiting, 0)
  }

  func testTheFunctionsLoginMayPush() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    let run = try CommandRun.pooltable(
      ["push", "--create-groups"],
      environment: scene.environment.merging(["DATABASE_URL": scene.database.handlerURL]) { $1 })
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(try scene.groups(), ["ada": ["admin"]])
  }

  func testAPoolThatMayNotBeChangedHoldsNoOtherUpAndIsNamed() throws {
    let scene = try RoleScene(users: ["ada", "bob"])
    try scene.addRole("admin")
    try scene.database.execute(
      "UPDATE cognito.users SET user_pool_id = 'us-east-1_Refused' WHERE username = 'ada'")
    try scene.give("admin", to: "ada")
    try scene.give("admin", to: "bob")
    for isJSON in [false, true] {
      // Ada's change has waited longest.
      let server = try ScriptedServer([
        .answer(400, body: Array(#"{"__type":"AccessDeniedException","message":"canary"}"#.utf8)),
        .answer(200, body: Array("{}".utf8)),
      ])
      let run = try CommandRun.pooltable(
        ["push"] + (isJSON ? ["--json"] : []),
        environment: scene.environment.merging([
          "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(server.endpoint)"
        ]) { $1 })
      XCTAssertEqual(run.exitCode, 1)
      XCTAssertTrue(
        run.output.hasPrefix(
          isJSON
            ? #"{"added":0,"createdGroups":0,"keptBack":0,"postponed":0,"removed":0,"users":0,"waiting":1}"#
            : "1 user pushed: 1 group added, 0 removed, 0 created; left: 1 change waiting"),
        run.output)
      XCTAssertTrue(run.errors.contains("us-east-1_Refused: access denied"), run.errors)
      XCTAssertTrue(run.errors.contains("cognito-idp:AdminAddUserToGroup"), run.errors)
    }
  }

  func testOneUserWhomCognitoRefusesHoldsNoOtherUp() throws {
    let scene = try RoleScene(users: ["ada", "bob"])
    var steps = [ScriptedServer.Step.answer(200, body: Array("{}".utf8))]
    steps.insert(
      .answer(400, body: Array(#"{"__type":"AliasExistsException","message":"canary"}"#.utf8)),
      at: 0)
    let server = try ScriptedServer(steps)
    let run = try CommandRun.pooltable(
      ["push", "--write-back"],
      environment: scene.environment.merging([
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(server.endpoint)"
      ]) { $1 })
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(run.errors.contains("given to 1 user, 1 refused, 0 not in Cognito"), run.errors)
    XCTAssertTrue(run.errors.contains("is another user's already: an alias"), run.errors)
    XCTAssertFalse(run.errors.contains("canary"), run.errors)
  }

  func testWriteBackGivesUsersTheIdOfTheirRow() throws {
    let scene = try RoleScene(users: ["ada"])
    let run = try push(scene, ["--write-back", "custom:userId"])
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertTrue(run.errors.contains("custom:userId: given to 1 user,"), run.errors)
    XCTAssertEqual(
      try scene.moto.attributes(of: "ada", in: scene.pool)["custom:userId"],
      try scene.database.value("SELECT id FROM cognito.users"))
  }

  func testErrorsNameTheRemedy() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    var keyless = scene.environment
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
      keyless[name] = ""
    }
    keyless["HOME"] = "/nonexistent"
    let cases: [([String], [String: String], Int32, String)] = [
      (["push"], keyless, 1, "AWS_ACCESS_KEY_ID"),
      (["push"], scene.environment.merging(["DATABASE_URL": ""]) { $1 }, 1, "--database-url"),
      (["push", "--status", "--watch"], scene.environment, 64, "--status goes with"),
      (["push", "--write-back", "email"], scene.environment, 64, "email"),
    ]
    for (arguments, environment, code, text) in cases {
      let run = try CommandRun.pooltable(arguments, environment: environment)
      XCTAssertEqual(run.exitCode, code, "\(arguments): \(run.errors)")
      XCTAssertTrue(run.errors.contains(text), run.errors)
      XCTAssertFalse(run.errors.contains("example/secret+key"))
    }
  }

  /// Its answer and what it tells, in one.
  private func interrupt(
    _ scene: RoleScene, _ arguments: String, once condition: () throws -> Bool
  ) throws -> (status: ExitStatus?, text: String) {
    let process = try BootstrapProcess(
      executable: "/bin/sh",
      arguments: [
        "-c", "exec \"$0\" push \(arguments) >&2",
        TestEnvironment.products.appendingPathComponent("pooltable").path,
      ],
      environment: scene.environment.merging(["PATH": "/usr/bin:/bin"]) { $1 })
    try eventually("begun", condition)
    process.send(signal: SIGINT)
    let status = process.waitForExit(until: .after(.seconds(30)))
    return (status, String(decoding: process.log, as: UTF8.self))
  }

  func testAnInterruptedPushSaysWhatIsLeft() throws {
    let users = (0..<150).map { "user\($0)" }
    let scene = try RoleScene(users: users)
    try scene.addRole("admin")
    for user in users { try scene.give("admin", to: user) }
    let push = try interrupt(scene, "--create-groups") { try scene.waiting < users.count }
    XCTAssertEqual(push.status, .exited(1))
    let left = try scene.waiting
    XCTAssertGreaterThan(left, 1)
    XCTAssertTrue(push.text.contains("; left: \(left) changes waiting, 0 to be"), push.text)

    // With nothing in the outbox, too.
    try scene.database.execute("DELETE FROM cognito.role_outbox")
    let writeBack = try interrupt(scene, "--write-back") {
      try scene.database.value(
        "SELECT count(*) FROM cognito.users WHERE attributes ? 'custom:userId'") != "0"
    }
    XCTAssertEqual(writeBack.status, .exited(1), writeBack.text)
    XCTAssertNotEqual(
      try scene.database.value(
        "SELECT count(*) FROM cognito.users WHERE attributes ? 'custom:userId'"), "150")
  }

  func testWatchEndsAtOnceWhereNoWaitingHelps() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    let owner = scene.database.ownerURL
    let separator = owner.contains("?") ? "&" : "?"
    let denied = try ScriptedServer([
      .answer(400, body: Array(#"{"__type":"AccessDeniedException"}"#.utf8))
    ])
    let cases: [(change: [String: String], text: String)] = [
      (["DATABASE_URL": ""], "--database-url"),
      (["DATABASE_URL": "postgresql://[bad"], "the database URL"),
      (["DATABASE_URL": owner + "\(separator)dbname=nowhere"], "does not exist"),
      (["DATABASE_URL": owner + "\(separator)password=wrong"], "check the user and the password"),
      (["DATABASE_URL": owner + "\(separator)sslmode=require"], "SSL"),
      (["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "no url"], "http or https URL"),
      (
        ["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(denied.endpoint)"],
        "cognito-idp:AdminAddUserToGroup"
      ),
    ]
    for (change, text) in cases {
      let watcher = try BootstrapProcess(
        executable: TestEnvironment.products.appendingPathComponent("pooltable").path,
        arguments: ["push", "--watch"],
        environment: scene.environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }
          .merging(change) { $1 })
      XCTAssertEqual(watcher.waitForExit(until: .after(.seconds(20))), .exited(1), text)
      let told = String(decoding: watcher.log, as: UTF8.self)
      XCTAssertTrue(told.contains(text), told)
      XCTAssertFalse(told.contains("trying again"), told)
    }
  }

  func testWatchTellsWhatItWaitsFor() throws {
    let scene = try RoleScene(users: ["ada"])
    let port = try TCPRelay.unusedPort()
    let watcher = try BootstrapProcess(
      executable: TestEnvironment.products.appendingPathComponent("pooltable").path,
      arguments: ["push", "--watch"],
      environment: scene.environment.merging([
        "PATH": "/usr/bin:/bin", "DATABASE_URL": "postgresql://ada@127.0.0.1:\(port)/x",
      ]) { $1 })
    try eventually("told") {
      watcher.readLog()
      let told = String(decoding: watcher.log, as: UTF8.self)
      return told.contains("Connection refused")
        && told.contains("trying again within 1 s, ^C ends")
    }
    XCTAssertNil(watcher.exitStatus)
    watcher.send(signal: SIGINT)
    XCTAssertEqual(watcher.waitForExit(until: .after(.seconds(10))), .exited(0))
  }

  /// The function's login may push, and no more: what it lacks for the rest no grant to it mends.
  func testWhatTakesTheOwnersLoginSaysSo() throws {
    let scene = try RoleScene(users: ["ada"])
    for arguments in [["--status"], ["--retry-failed"], ["--write-back"]] {
      let run = try CommandRun.pooltable(
        ["push"] + arguments,
        environment: scene.environment.merging(["DATABASE_URL": scene.database.handlerURL]) { $1 })
      XCTAssertEqual(run.exitCode, 1, "\(arguments)")
      XCTAssertTrue(run.errors.contains("the login that owns the schema"), run.errors)
      XCTAssertFalse(run.errors.contains("--handler-role"), run.errors)
    }
  }

  func testAFailedAttemptIsToldAtOnceAndUntilWhenItIsRepeated() throws {
    let scene = try RoleScene(users: ["ada"])
    try scene.addRole("admin")
    try scene.give("admin", to: "ada")
    let server = try ScriptedServer([
      .answer(502), .answer(502), .answer(200, body: Array("{}".utf8)),
    ])
    let run = try CommandRun.pooltable(
      ["push"],
      environment: scene.environment.merging([
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(server.endpoint)"
      ]) { $1 })
    XCTAssertEqual(run.exitCode, 0, run.errors)
    XCTAssertEqual(run.errors.components(separatedBy: "status 502").count, 2, "once: \(run.errors)")
    XCTAssertNotNil(
      run.errors.firstMatch(of: /trying again until [0-2][0-9]:[0-5][0-9]:[0-6][0-9], \^C ends/),
      run.errors)
  }

  func testWatchFollowsChangesAndSurvivesALostConnection() throws {
    let scene = try RoleScene(users: ["ada", "bob"])
    try scene.addRole("admin")
    let watcher = try start(scene, ["--watch", "--create-groups"])
    try scene.give("admin", to: "ada")
    try eventually("added") { try scene.groups()["ada"] == ["admin"] }
    try scene.database.execute("UPDATE cognito.roles SET name = 'owner' WHERE name = 'admin'")
    try eventually("renamed") { try scene.groups()["ada"] == ["owner"] }

    let terminated = try scene.database.value(
      """
      SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'pooltable' AND pid <> pg_backend_pid()
        AND query NOT LIKE '%pg_stat_activity%'
      """)
    XCTAssertNotEqual(terminated, "0")
    try scene.give("owner", to: "bob")
    try eventually("after a lost connection") { try scene.groups()["bob"] == ["owner"] }
    try scene.take("owner", from: "ada")
    try eventually("removed") { try scene.groups()["ada"] == [] }

    watcher.send(signal: SIGTERM)
    XCTAssertEqual(watcher.waitForExit(until: .after(.seconds(10))), .exited(0))
    XCTAssertEqual(try scene.waiting, 0)
  }

  /// Fifty times a worker is killed somewhere in its work while roles go on changing.
  func testWorkersThatAreKilledLoseNothing() throws {
    let users = (0..<12).map { "user\($0)" }
    let scene = try RoleScene(users: users)
    var random = SystemRandomNumberGenerator()
    var names: Set<String> = []
    var namesMade = 0
    var killed = 0
    func makeRole() throws {
      namesMade += 1
      try scene.addRole("role\(namesMade)")
      names.insert("role\(namesMade)")
    }
    for _ in 0..<4 { try makeRole() }

    for round in 0..<50 {
      let worker = try start(
        scene, round.isMultiple(of: 2) ? ["--watch", "--create-groups"] : ["--create-groups"])
      let end = Deadline.after(.milliseconds(Int.random(in: 20...250, using: &random)))
      repeat {
        guard let user = users.randomElement(using: &random),
          let role = names.randomElement(using: &random)
        else { return XCTFail("no user, no role") }
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
          namesMade += 1
          try scene.database.query(
            "UPDATE cognito.roles SET name = $2::text WHERE name::text = $1::text",
            [role, "role\(namesMade)"])
          names.remove(role)
          names.insert("role\(namesMade)")
        case 1 where names.count > 2:
          try scene.database.query("DELETE FROM cognito.roles WHERE name::text = $1::text", [role])
          names.remove(role)
          try makeRole()
        case 2..<5: try scene.take(role, from: user)
        default: try scene.give(role, to: user)
        }
        Deadline.after(.milliseconds(5)).sleep()
      } while !end.hasPassed
      worker.send(signal: SIGKILL)
      if worker.waitForExit(until: .after(.seconds(10))) == .killed(signal: SIGKILL) { killed += 1 }
    }
    XCTAssertGreaterThan(killed, 25, "most of the workers must have been killed at work")

    // A killed worker's transaction ends when the server notices, which it may not have yet.
    try eventually("the rest is pushed") {
      _ = try self.push(scene, ["--create-groups"])
      return try scene.waiting == 0
    }
    XCTAssertEqual(try scene.groups(), try scene.roles())
    XCTAssertTrue(try scene.roles().contains { !$0.value.isEmpty })
  }
}
