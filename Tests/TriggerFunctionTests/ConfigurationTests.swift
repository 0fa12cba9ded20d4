import CognitoTriggers
import LambdaRuntime
import Settings
import XCTest

@testable import TriggerFunction

final class ConfigurationTests: XCTestCase {
  private static let minimal = ["DATABASE_URL": "postgresql://ada:canary@db.example/app"]

  private func configuration(_ changes: [String: String] = [:]) throws -> Configuration {
    try Configuration(environment: Environment(Self.minimal.merging(changes) { $1 }))
  }

  func testDefaults() throws {
    let configuration = try configuration()
    XCTAssertEqual(configuration.userPoolIDs, [])
    XCTAssertEqual(configuration.postConfirmationOnFailure, .fail)
    XCTAssertEqual(configuration.postAuthenticationOnFailure, .continue)
    XCTAssertEqual(configuration.budget, .milliseconds(4000))
    XCTAssertEqual(configuration.idleLimit, .seconds(300))
    XCTAssertEqual(configuration.metrics, .none)
    XCTAssertFalse(configuration.tracksSignIns)
    XCTAssertFalse(configuration.putsRolesIntoTokens)
    XCTAssertNil(configuration.keptGroups)
    XCTAssertEqual(configuration.platformLevel, .info)
    XCTAssertEqual(try Configuration.logLevel(environment: Environment([:])), .info)
  }

  func testEverySettingIsRead() throws {
    let configuration = try configuration([
      "USER_POOL_IDS": "eu-central-1_a, us-east-1_B", "POST_CONFIRMATION_ON_FAILURE": "continue",
      "POST_AUTHENTICATION_ON_FAILURE": "fail", "SYNC_BUDGET_MS": "2500",
      "CONNECTION_IDLE_LIMIT_MS": "1000", "METRICS": "emf", "AWS_LAMBDA_FUNCTION_NAME": "sync",
      "TRACK_SIGN_INS": "on", "TOKEN_ROLES": "on", "TOKEN_ROLES_KEEP": "a,b*",
      "TOKEN_CLAIMS": "on", "APPSYNC": "on", "CLIENT_METADATA_KEYS": " referral, in vite,",
    ])
    XCTAssertEqual(configuration.userPoolIDs, ["eu-central-1_a", "us-east-1_B"])
    XCTAssertEqual(configuration.postConfirmationOnFailure, .continue)
    XCTAssertEqual(configuration.postAuthenticationOnFailure, .fail)
    XCTAssertEqual(configuration.budget, .milliseconds(2500))
    XCTAssertEqual(configuration.idleLimit, .seconds(1))
    XCTAssertEqual(configuration.metrics, .emf)
    XCTAssertEqual(configuration.functionName, "sync")
    XCTAssertTrue(configuration.tracksSignIns)
    XCTAssertTrue(configuration.putsRolesIntoTokens)
    XCTAssertEqual(configuration.keptGroups, KeptGroups("a,b*"))
    XCTAssertTrue(configuration.putsClaimsIntoTokens)
    XCTAssertTrue(configuration.answersAppSync)
    XCTAssertEqual(configuration.clientMetadataKeys, ["referral", "in vite"])
  }

  func testWhoMaySignUpIsOffUntilAskedForAndRefusesWhatCannotBeDecided() throws {
    let off = try configuration().signUp
    XCTAssertFalse(off.isOn)
    XCTAssertEqual(off, SignUpPolicy())
    XCTAssertEqual(off.onFailure, .fail)
    XCTAssertFalse(off.isForAdminCreated)

    XCTAssertFalse(try configuration(["SIGN_UP_POLICY": "none"]).signUp.isOn)
    let asked = try configuration(["SIGN_UP_POLICY": "database"]).signUp
    XCTAssertTrue(asked.isOn)
    XCTAssertTrue(asked.asksDatabase)

    let longest = String(repeating: "ü", count: 200)
    let on = try configuration([
      "SIGN_UP_ALLOWED_EMAIL_DOMAINS": "BÜCHER.example, *.example.com,",
      "SIGN_UP_BLOCKED_EMAIL_DOMAINS": "example.net", "SIGN_UP_ADMIN_CREATED": "apply",
      "SIGN_UP_ON_FAILURE": "continue", "SIGN_UP_REFUSED_MESSAGE": longest,
    ]).signUp
    XCTAssertTrue(on.isOn)
    XCTAssertTrue(on.isForAdminCreated)
    XCTAssertEqual(on.onFailure, .continue)
    XCTAssertEqual(on.refusedMessage, UserMessage(setting: longest))
    XCTAssertEqual(
      on.emailDomains.allowed?.map(Optional.some),
      [DomainPattern("xn--bcher-kva.example"), DomainPattern("*.example.com")])
    XCTAssertEqual(
      on.emailDomains.blocked.map(Optional.some), [DomainPattern("EXAMPLE.net")])
    XCTAssertTrue(try configuration(["SIGN_UP_BLOCKED_EMAIL_DOMAINS": "example.net"]).signUp.isOn)
    XCTAssertFalse(
      try configuration(["SIGN_UP_ADMIN_CREATED": "exempt", "SIGN_UP_ON_FAILURE": "fail"])
        .signUp.isOn)
  }

  func testAVariableSetToNothingCountsAsNotSet() throws {
    let configuration = try configuration(["USER_POOL_IDS": "", "SYNC_BUDGET_MS": ""])
    XCTAssertEqual(configuration.budget, .milliseconds(4000))
  }

  func testAFeatureIsOffWhereItIsSetToOff() throws {
    for value in ["off", ""] {
      XCTAssertFalse(try configuration(["TRACK_SIGN_INS": value]).tracksSignIns)
      XCTAssertFalse(try configuration(["TOKEN_ROLES": value]).putsRolesIntoTokens)
      XCTAssertFalse(try configuration(["TOKEN_CLAIMS": value]).putsClaimsIntoTokens)
      XCTAssertFalse(try configuration(["APPSYNC": value]).answersAppSync)
    }
    XCTAssertEqual(try configuration(["CLIENT_METADATA_KEYS": ""]).clientMetadataKeys, [])
  }

  func testABadValueIsAnErrorThatNamesTheVariableAndNotTheSecret() {
    let bad = [
      ("DATABASE_URL", ""), ("DATABASE_URL", "canary"), ("DATABASE_URL", "postgresql://u:canary@["),
      ("DATABASE_URL", "postgresql://u@db:canary/app"),
      ("DATABASE_URL", "postgresql://u@db/app?sslmode=no-verify"),
      ("DATABASE_URL", "postgresql://u:canary@db/app?schema=public"),
      ("USER_POOL_IDS", "nonsense"), ("USER_POOL_IDS", "eu-central-1_a,b"),
      ("USER_POOL_IDS", ","), ("USER_POOL_IDS", "eu-central-1_a.b"), ("USER_POOL_IDS", "_a"),
      ("USER_POOL_IDS", "a_"),
      ("POST_CONFIRMATION_ON_FAILURE", "ignore"), ("POST_AUTHENTICATION_ON_FAILURE", "FAIL"),
      ("SYNC_BUDGET_MS", "fast"), ("SYNC_BUDGET_MS", "0"), ("SYNC_BUDGET_MS", "-5"),
      ("SYNC_BUDGET_MS", "4301"), ("SYNC_BUDGET_MS", "99999999999999999999"),
      ("CONNECTION_IDLE_LIMIT_MS", "0"), ("METRICS", "EMF"), ("METRICS", "statsd"),
      ("AWS_LAMBDA_MAX_CONCURRENCY", "2"), ("TRACK_SIGN_INS", "true"), ("TRACK_SIGN_INS", "ON"),
      ("SIGN_UP_ALLOWED_EMAIL_DOMAINS", "example.com, canary.*.com"),
      ("SIGN_UP_ALLOWED_EMAIL_DOMAINS", ","), ("SIGN_UP_BLOCKED_EMAIL_DOMAINS", "@example.com"),
      ("SIGN_UP_BLOCKED_EMAIL_DOMAINS", "exam ple.com"), ("SIGN_UP_ADMIN_CREATED", "yes"),
      ("SIGN_UP_POLICY", "on"), ("MIGRATE_USERS", "yes"), ("MIGRATE_WEAK_HASHES", "1"),
      ("MIGRATE_ATTEMPTS", "5"), ("MIGRATE_ATTEMPTS", "0/1m"), ("MIGRATE_ATTEMPTS", "5/0m"),
      ("MIGRATE_ATTEMPTS", "5/25h"), ("MIGRATE_ATTEMPTS", "5/1d"), ("MIGRATE_ATTEMPTS", "-5/1m"),
      ("MIGRATE_ATTEMPTS", "5/99999999999999999999s"), ("MIGRATE_DUMMY_HASH", "canary"),
      ("MIGRATE_DUMMY_HASH", "$2b$12$canary"), ("MIGRATE_DUMMY_HASH", "!"),
      ("SIGN_UP_ON_FAILURE", "open"), ("SIGN_UP_REFUSED_MESSAGE", "canary\nline"),
      ("SIGN_UP_REFUSED_MESSAGE", "  "), ("SIGN_UP_REFUSED_MESSAGE", "<b>canary</b>"),
      ("SIGN_UP_REFUSED_MESSAGE", String(repeating: "a", count: 201)),
      ("SIGN_UP_REFUSED_MESSAGE", "can\u{202E}ary"), ("SIGN_UP_REFUSED_MESSAGE", "\u{7F}"),
      ("TOKEN_CLAIMS", "1"), ("APPSYNC", "yes"), ("CLIENT_METADATA_KEYS", " , "),
      ("TOKEN_ROLES", "1"), ("TOKEN_ROLES_KEEP", ","), ("TOKEN_ROLES_KEEP", "a,*b"),
    ]
    for (name, value) in bad {
      XCTAssertThrowsError(try configuration([name: value]), "\(name)=\(value)") { error in
        XCTAssertTrue("\(error)".hasPrefix(name), "\(error)")
        XCTAssertFalse("\(error)".contains("canary"), "\(error)")
      }
    }
  }

  /// Lambda writes its own lines from INFO up, whatever the function's lines are.
  func testThePlatformsLevelIsNeverBelowInfo() throws {
    for (name, level) in [("TRACE", LogLevel.info), ("DEBUG", .info), ("ERROR", .error)] {
      XCTAssertEqual(
        try configuration(["AWS_LAMBDA_LOG_LEVEL": name]).platformLevel, level, name)
    }
  }

  func testALogLevelOfItsOwnWinsOverThePlatforms() throws {
    let both = ["LOG_LEVEL": "debug", "AWS_LAMBDA_LOG_LEVEL": "ERROR"]
    XCTAssertEqual(try Configuration.logLevel(environment: Environment(both)), .debug)
    XCTAssertEqual(
      try Configuration.logLevel(environment: Environment(["AWS_LAMBDA_LOG_LEVEL": "ERROR"])),
      .error)
    XCTAssertThrowsError(
      try Configuration.logLevel(environment: Environment(["LOG_LEVEL": "LOUD"]))
    ) {
      XCTAssertTrue("\($0)".hasPrefix("LOG_LEVEL"))
    }
  }
}
