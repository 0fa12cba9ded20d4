import CognitoAPI
import Doctor
import Foundation
import JSON
import TestSupport
import XCTest

/// `pooltable doctor`, as somebody runs it who wonders what is wrong.
final class DoctorCommandTests: XCTestCase {
  private static let arn = "arn:aws:lambda:eu-central-1:123456789012:function:pooltable"

  /// A database, and a pool of moto's whose triggers call the function; one of them must not.
  private struct Scene {
    let database: TestDatabase
    let pool: UserPoolID
    let environment: [String: String]

    /// - Parameter writable: what the users of the pool's app client may write.
    init(writable: [String] = ["email", "custom:userId", "custom:legacy_id"]) throws {
      database = try TestDatabase()
      let moto = try MotoServer.shared
      let arn = JSONValue.string(DoctorCommandTests.arn)
      let answer = try moto.call(
        "CreateUserPool",
        [
          "PoolName": .string("test"),
          "Schema": .array(
            ["userId", "legacy_id"].map {
              .object([
                "Name": .string($0), "AttributeDataType": .string("String"),
                "Mutable": .boolean(true),
              ])
            }),
          "LambdaConfig": .object([
            "PostConfirmation": arn, "PostAuthentication": arn,
            "CustomEmailSender": .object(["LambdaVersion": .string("V1_0"), "LambdaArn": arn]),
          ]),
        ])
      pool = try XCTUnwrap(
        answer["UserPool"]?.object?["Id"]?.string.flatMap { UserPoolID($0) })
      try moto.call(
        "CreateUserPoolClient",
        [
          "UserPoolId": .string(pool.text), "ClientName": .string("web"),
          "GenerateSecret": .boolean(true),
          "PreventUserExistenceErrors": .string("ENABLED"),
          "ExplicitAuthFlows": .array([.string("ALLOW_USER_SRP_AUTH")]),
          "WriteAttributes": .array(writable.map { .string($0) }),
        ])
      environment = moto.environment.merging([
        "DATABASE_URL": database.urlForHandler(host: "localhost"),
        "WRITE_BACK_ATTRIBUTE": "custom:userId", "AWS_ENDPOINT_URL": moto.endpoint,
        "pool": pool.text,
      ]) { $1 }
    }

    func doctor(
      _ arguments: [String] = [], _ others: [String: String] = [:]
    ) throws -> CommandRun {
      try CommandRun.pooltable(
        ["doctor", "--user-pool-id", pool.text] + arguments,
        environment: environment.merging(others) { $1 })
    }
  }

  /// The lines of one check.
  private func lines(_ check: String, _ run: CommandRun) -> [String] {
    run.output.split(separator: "\n").filter { $0.dropFirst(2).hasPrefix("\(check) ") }.map(
      String.init)
  }

  func testTheREADMEShowsWhatIsPrinted() throws {
    let session = try DocumentedSession(
      in: "Sources/CommandLine/README.md", beginning: "pooltable doctor")
    let scene = try Scene()
    XCTAssertEqual(try session.differences(scene.environment), [])
  }

  func testTheREADMEAsksTheFunctionByTheAWSCommandLine() throws {
    let database = try TestDatabase()
    let server = try LocalFunctionUnderTest(
      ["--bootstrap", TestEnvironment.bootstrap.path],
      environment: ["DATABASE_URL": database.handlerURL, "DOCTOR": "on"])
    let session = try DocumentedSession(
      in: "Sources/CommandLine/README.md", beginning: "aws lambda invoke")
    XCTAssertEqual(
      try session.differences([
        "AWS_ENDPOINT_URL_LAMBDA": server.url, "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
      ]), [])
  }

  func testTheREADMENamesEveryCheck() throws {
    let page = try String(
      contentsOf: TestEnvironment.packageRoot.appendingPathComponent(
        "Sources/CommandLine/README.md"),
      encoding: .utf8)
    let table = try XCTUnwrap(page.components(separatedBy: "\n| check |").dropFirst().first)
    for check in CheckName.allCases {
      XCTAssertTrue(table.contains("`\(check.rawValue)`"), check.rawValue)
    }
  }

  func testTheIdFromBeforeCognitoIsWrittenByNoAppClientsUsers() throws {
    let scene = try Scene()
    let run = try scene.doctor()
    XCTAssertEqual(run.exitCode, 1)
    XCTAssertTrue(
      run.output.contains(
        """
        ✗ legacy attribute      app client web of \(scene.pool) lets users write custom:legacy_id: anybody could be somebody else
                                → take custom:legacy_id out of the WriteAttributes of web

        """), run.output)

    let pool = ScriptedServer.Step.answer(
      200,
      body: Array(
        #"{"UserPool":{"SchemaAttributes":[{"Name":"custom:legacy_id","Mutable":true}]}}"#.utf8))
    let denied = ScriptedServer.Step.answer(
      400, body: Array(#"{"__type":"AccessDeniedException","Message":"no"}"#.utf8))
    let server = try ScriptedServer([pool] + Array(repeating: denied, count: 20))
    let skipped = try CommandRun.pooltable(
      ["doctor", "--user-pool-id", "eu-central-1_a"],
      environment: [
        "AWS_ENDPOINT_URL": "http://\(server.endpoint)", "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
      ])
    XCTAssertEqual(lines("legacy attribute", skipped).map { $0.first }, ["-"], skipped.output)
  }

  func testNothingSecretIsPrintedAndNothingIsChanged() throws {
    let scene = try Scene()
    let before = try scene.database.everything()
    let all = [
      "PUSH_ON_SCHEDULE": "on", "PUSH_CREATE_GROUPS": "on", "LINK_PROVIDERS": "Google",
      "FOLLOW_CHANGES": "on", "USER_POOL_IDS": scene.pool.text,
    ]
    for arguments in [[], ["--json"]] {
      let run = try scene.doctor(arguments, all)
      XCTAssertEqual(run.exitCode, 1)
      XCTAssertEqual(
        try (run.output + run.errors).givesAway([
          scene.database.handlerPassword, "example/secret+key", "example+token=",
        ]), [], run.output)
    }
    XCTAssertEqual(try scene.database.everything(), before)
    let users = try MotoServer.shared.call("ListUsers", ["UserPoolId": .string(scene.pool.text)])
    XCTAssertEqual(users["Users"], .array([]))
    let groups = try MotoServer.shared.call("ListGroups", ["UserPoolId": .string(scene.pool.text)])
    XCTAssertEqual(groups["Groups"], .array([]))
  }

  func testTheExitCodeIsOneOnlyWhereSomethingHasFailed() throws {
    let database = try TestDatabase()
    func doctor(_ url: String, _ arguments: String...) throws -> CommandRun {
      try CommandRun.pooltable(["doctor"] + arguments, environment: ["DATABASE_URL": url])
    }
    let well = try doctor(database.handlerURL)
    XCTAssertEqual(well.exitCode, 0, well.output)
    XCTAssertEqual(lines("AWS credentials", well).map { $0.first }, ["-"], "skipped is not failed")

    let owner = try doctor(database.ownerURL)
    XCTAssertEqual(owner.exitCode, 1)
    XCTAssertTrue(lines("login", owner).first?.contains("is a superuser") == true, owner.output)
    let named = try doctor(database.ownerURL, "--handler-role", database.handlerLogin)
    XCTAssertEqual(named.exitCode, 0, named.output)
    XCTAssertTrue(
      lines("migrations", named).first?.hasSuffix(" are applied") == true, named.output)
    XCTAssertTrue(
      lines("login", try doctor(database.ownerURL, "--handler-role", "nobody")).first?
        .contains("there is no login nobody") == true)

    try database.execute(
      "ALTER ROLE \(database.handlerLogin) IN DATABASE \(database.name) RESET statement_timeout")
    let warned = try doctor(database.handlerURL)
    XCTAssertEqual(warned.exitCode, 0)
    XCTAssertEqual(lines("login", warned).map { $0.first }, ["!"])

    let refused = try doctor(database.url(user: database.handlerLogin, password: "wrong"))
    XCTAssertEqual(refused.exitCode, 1)
    XCTAssertTrue(refused.output.contains("SQLSTATE 28P01"), refused.output)
    let empty = try TestDatabase(migrated: false)
    XCTAssertTrue(
      lines("migrations", try doctor(empty.ownerURL)).first?.contains("no schema cognito") == true)
  }

  func testAFunctionThatAppSyncCallsIsSound() throws {
    let scene = try Scene(writable: ["email"])
    try scene.database.execute("CALL cognito.grant_reader('\(scene.database.handlerLogin)')")
    let run = try scene.doctor([], ["APPSYNC": "on", "WRITE_BACK_ATTRIBUTE": ""])
    XCTAssertEqual(run.exitCode, 0, run.output)
    XCTAssertEqual(
      lines("triggers", run),
      [
        "✓ triggers              AppSync calls the function, which needs no trigger of \(scene.pool)"
      ])
    XCTAssertEqual(lines("journeys", run).map { $0.first }, ["-"], run.output)
  }

  func testASettingThatIsWrongIsToldAndTheDatabaseLookedAtAllTheSame() throws {
    let database = try TestDatabase()
    let run = try CommandRun.pooltable(
      ["doctor", "--json"],
      environment: ["DATABASE_URL": database.handlerURL, "TOKEN_ROLES": "perhaps"])
    XCTAssertEqual(run.exitCode, 1)
    let answer = try XCTUnwrap(try JSONValue(parsing: Array(run.output.utf8)).object)
    XCTAssertEqual(answer["failed"], .number(JSONNumber(1)))
    XCTAssertEqual(answer["healthy"], .boolean(false))
    guard case .array(let findings)? = answer["findings"] else { return XCTFail(run.output) }
    XCTAssertEqual(
      findings.first?.object?["text"], .string("TOKEN_ROLES must be 'on' or 'off'"))
    XCTAssertTrue(findings.contains { $0.object?["check"] == .string("round trip") })

    let none = try CommandRun.pooltable(["doctor"])
    XCTAssertEqual(none.exitCode, 0, "nothing to look at is nothing that failed: \(none.output)")
    XCTAssertTrue(none.output.contains("give --database-url or set DATABASE_URL"))
  }

  func testThroughPgBouncerThePoolerAndItsModeAreSeen() throws {
    let database = try TestDatabase()
    let port = try XCTUnwrap(Int(TestEnvironment.variable("POOLTABLE_TEST_PGBOUNCER_PORT")))
    let url = database.urlForHandler(port: port)
    let run = try CommandRun.pooltable(["doctor", "--database-url", url])
    XCTAssertEqual(run.exitCode, 0, run.output)
    XCTAssertTrue(lines("pooler", run).first?.contains("in transaction mode") == true, run.output)

    let other = try CommandRun.pooltable([
      "doctor", "--database-url",
      url.replacingOccurrences(of: "/\(database.name)", with: "/in_session_mode"),
    ])
    XCTAssertEqual(lines("pooler", other).map { $0.first }, ["!"], other.output)
    XCTAssertTrue(lines("pooler", other).first?.contains("session mode") == true, other.output)
  }

  func testTheServersCertificateIsShown() throws {
    let database = try TestDatabase()
    let relay = try TLSRelay(to: database.serverPort)
    let url = database.urlForHandler(
      host: "localhost",
      port: relay.port, query: ["sslmode": "require"])
    let run = try CommandRun.pooltable(["doctor", "--database-url", url])
    XCTAssertEqual(run.exitCode, 0, run.output)
    XCTAssertTrue(lines("TLS", run).first?.hasPrefix("! ") == true, run.output)
    XCTAssertTrue(lines("TLS", run).first?.contains("TLSv1.3") == true, run.output)
    let certificate = lines("certificate", run).first ?? ""
    XCTAssertTrue(
      certificate.hasSuffix(
        "PoolTable test server, by PoolTable test authority: 1 days left"), certificate)
  }

  /// IAM's refusals, by a server that speaks Cognito's protocol: moto allows everybody everything.
  func testWithoutPermissionsTheDoctorSkipsAndTheFunctionsOwnHaveFailed() throws {
    let denied = ScriptedServer.Step.answer(
      400, body: Array(#"{"__type":"AccessDeniedException","Message":"secret"}"#.utf8))
    let server = try ScriptedServer(Array(repeating: denied, count: 20))
    let run = try CommandRun.pooltable(
      ["doctor", "--user-pool-id", "eu-central-1_a"],
      environment: [
        "AWS_ENDPOINT_URL": "http://\(server.endpoint)", "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b", "WRITE_BACK_ATTRIBUTE": "custom:userId",
      ])
    XCTAssertEqual(run.exitCode, 1, run.output)
    for check in ["triggers", "journeys", "issuer", "legacy attribute", "app clients"] {
      XCTAssertEqual(lines(check, run).map { $0.first }, ["-"], run.output)
    }
    XCTAssertEqual(lines("AWS credentials", run).map { $0.first }, ["✓"])
    XCTAssertEqual(
      lines("permission", run).map { String($0.prefix(60)) },
      [
        "✗ permission            cognito-idp:AdminUpdateUserAttributes on",
        "! permission            cognito-idp:ListUsers on eu-central-1_a i",
        "! permission            cognito-idp:AdminGetUser on eu-central-1_",
      ].map { String($0.prefix(60)) })
    XCTAssertFalse(run.output.contains("secret"), run.output)
  }

  /// Without a network: nobody is asked.
  func testAFunctionWithoutARegionIsAnErrorOfTheCommandLine() throws {
    let nowhere = try CommandRun.pooltable(["doctor", "--function-name", "nosuch"])
    XCTAssertEqual(nowhere.exitCode, 64, nowhere.output)
    XCTAssertTrue(nowhere.errors.contains("give --region"), nowhere.errors)
  }

  /// The line of the file that is named, for whoever reads it.
  func testTheRemedyOfASettingNamesTheTableThatIsThere() throws {
    let run = try CommandRun.pooltable(["doctor"], environment: ["TOKEN_ROLES": "perhaps"])
    XCTAssertTrue(run.output.contains("scripts/deploy/README.md, 'Configuration'"), run.output)
    let page = try String(
      contentsOf: TestEnvironment.packageRoot.appendingPathComponent("scripts/deploy/README.md"),
      encoding: .utf8)
    XCTAssertTrue(page.contains("\n## Configuration\n"))
  }

  /// A function as Lambda has it, whose role has keys and whose secret is read there; here are the command line's.
  func testTheWayOfTheFunctionsLoginIsNoFaultOfItsSettings() throws {
    let database = try TokenDatabase()
    let relay = try TLSRelay(to: database.port)
    let url = "postgresql://lambda@127.0.0.1:\(relay.port)/app"
    let secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db"
    let keys = ["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example/secret+key"]
    let rows:
      [(
        variables: [String: String], arguments: [String], configuration: Character,
        connection: Character, words: String
      )] = [
        (["DATABASE_URL": url, "DATABASE_AUTH": "iam"], [], "✓", "✓", "as "),
        (
          ["DATABASE_URL": url, "DATABASE_SECRET_ARN": secret], [], "✓", "-",
          "DATABASE_SECRET_ARN, which is read inside Lambda only"
        ),
        (
          ["DATABASE_URL": url, "DATABASE_AUTH": "iam", "DATABASE_SECRET_ARN": secret], [], "✗",
          "-",
          "cannot be used"
        ),
        ([:], [], "✗", "-", "no database is named"),
        // What the function would end with is told, whatever is looked at.
        ([:], ["--database-url", "host=127.0.0.1 port=1"], "✗", "✗", "Connection refused"),
      ]
    for row in rows {
      let variables = row.variables.merging(["USER_POOL_IDS": "eu-central-1_a"]) { $1 }
        .map { #""\#($0)":"\#($1)""# }.joined(separator: ",")
      let answer =
        #"{"FunctionArn":"\#(Self.arn)","Environment":{"Variables":{\#(variables)}}}"#
      let lambda = try ScriptedServer([.answer(200, body: Array(answer.utf8))])
      let denied = ScriptedServer.Step.answer(
        400, body: Array(#"{"__type":"AccessDeniedException"}"#.utf8))
      let cognito = try ScriptedServer(Array(repeating: denied, count: 20))
      let run = try CommandRun.pooltable(
        ["doctor", "--function-name", "pooltable", "--region", "eu-central-1"] + row.arguments,
        environment: keys.merging([
          "AWS_ENDPOINT_URL_LAMBDA": "http://\(lambda.endpoint)",
          "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(cognito.endpoint)",
        ]) { $1 })
      XCTAssertEqual(lines("configuration", run).map { $0.first }, [row.configuration], run.output)
      // What follows on a login with a token is no PostgreSQL's.
      XCTAssertEqual(lines("connection", run).first?.first, row.connection, run.output)
      XCTAssertTrue(lines("connection", run).first?.contains(row.words) == true, run.output)
      // The function's pool is asked about in any case.
      XCTAssertEqual(lines("AWS credentials", run).map { $0.first }, ["✓"], run.output)
      XCTAssertEqual(run.exitCode, run.output.contains("✗") ? 1 : 0)
      XCTAssertFalse(run.output.contains("secret+key") || run.output.contains("X-Amz"))
    }
    XCTAssertEqual(database.tokens.count { $0.contains("DBUser=lambda") }, database.tokens.count)
    XCTAssertFalse(database.tokens.isEmpty)

    // The settings of this machine, and no keys.
    let without = try CommandRun.pooltable(
      ["doctor"],
      environment: ["DATABASE_URL": url, "DATABASE_AUTH": "iam", "AWS_REGION": "eu-central-1"])
    XCTAssertEqual(without.exitCode, 0, without.output)
    XCTAssertTrue(
      lines("connection", without).first?.contains("no AWS credentials in") == true, without.output)
  }

  /// Lambda, EventBridge and CloudTrail, each as its API reference has it.
  func testTheFunctionsSettingsTrailAndRulesAreAskedOfAWS() throws {
    func answer(_ json: String) -> ScriptedServer.Step { .answer(200, body: Array(json.utf8)) }
    let database = try TestDatabase()
    let pattern = #"{\"source\":[\"aws.cognito-idp\"]}"#
    let function = """
      {"FunctionArn":"\(Self.arn)","MemorySize":128,"Timeout":3,"Environment":{"Variables":{
      "DATABASE_URL":"\(database.handlerURL)","FOLLOW_CHANGES":"on","USER_POOL_IDS":"eu-central-1_a"}}}
      """
    let pool =
      #"{"UserPool":{"LambdaConfig":{"PostConfirmation":"\#(Self.arn)","PostAuthentication":"\#(Self.arn)"}}}"#
    let missing = ScriptedServer.Step.answer(
      400, body: Array(#"{"__type":"UserNotFoundException"}"#.utf8))
    // Each service is asked over a connection of its own, one after the other; the server takes one at a time.
    let cognito = try ScriptedServer([
      answer(pool), answer(#"{"UserPoolReplicas":[]}"#), answer(#"{"UserPoolClients":[]}"#),
      missing, answer(#"{"Users":[]}"#),
    ])
    let lambda = try ScriptedServer([answer(function)])
    let trail = try ScriptedServer([
      answer(#"{"trailList":[{"Name":"all","TrailARN":"arn:trail"}]}"#),
      answer(#"{"IsLogging":true}"#),
      answer(#"{"EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true}]}"#),
    ])
    // The users' own calls are asked about last of all that match nothing here.
    let events = try ScriptedServer(
      [
        answer(#"{"RuleNames":["follow"]}"#),
        answer(#"{"Name":"follow","State":"ENABLED","EventPattern":"\#(pattern)"}"#),
      ] + Array(repeating: answer(#"{"Result":true}"#), count: 16) + [answer(#"{"Result":false}"#)])
    let run = try CommandRun.pooltable(
      ["doctor", "--function-name", "pooltable"],
      environment: [
        "AWS_ENDPOINT_URL_LAMBDA": "http://\(lambda.endpoint)",
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://\(cognito.endpoint)",
        "AWS_ENDPOINT_URL_CLOUDTRAIL": "http://\(trail.endpoint)",
        "AWS_ENDPOINT_URL_EVENTBRIDGE": "http://\(events.endpoint)",
        "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu-central-1",
        // Of another deployment: the function's own settings count.
        "TOKEN_ROLES": "on",
      ])
    XCTAssertEqual(run.exitCode, 1, run.output)
    XCTAssertEqual(
      lambda.requests.map(\.line), ["GET /2015-03-31/functions/pooltable/configuration"])
    XCTAssertEqual(lines("function", run).map { $0.first }, ["✗", "!"], run.output)
    XCTAssertEqual(lines("connection", run).map { $0.first }, ["✓"], run.output)
    XCTAssertEqual(
      lines("triggers", run),
      [
        "✓ triggers              PostConfirmation, PostAuthentication of eu-central-1_a call pooltable"
      ])
    XCTAssertEqual(lines("permission", run).map { $0.first }, ["✓", "✓"], run.output)
    XCTAssertEqual(
      lines("trail", run),
      ["✓ trail                 all records management events that write in eu-central-1"])
    XCTAssertEqual(
      lines("rules", run), ["✗ rules                 no rule lets DeleteUserPool through"])
    XCTAssertFalse(run.output.contains(database.handlerPassword))
    XCTAssertTrue(
      try XCTUnwrap(events.requests.first).headers["x-amz-target"]
        == "AWSEvents.ListRuleNamesByTarget")
  }
}
