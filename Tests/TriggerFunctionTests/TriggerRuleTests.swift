import CognitoTriggers
import Postgres
import XCTest

@testable import TriggerFunction

final class TriggerRuleTests: XCTestCase {
  /// The rows that the reference marks with *yes*.
  private static let written: [TriggerSource: TriggerRule] = [
    .postConfirmation: .write(.confirmation),
    .postConfirmationForgotPassword: .write(.confirmation),
    .postAuthentication: .write(.signIn(isRecorded: false)),
  ]

  private func configuration() throws -> Configuration {
    Configuration(database: try ConnectionParameters(parsing: "host=db.example"))
  }

  func testOnlyTheThreeSourcesThatShowAFinishedUserAreWritten() throws {
    let configuration = try configuration()
    for source in TriggerSource.allCases {
      XCTAssertEqual(
        TriggerRule(source: source, userPoolID: "p_1", in: configuration),
        Self.written[source] ?? .pass, source.rawValue)
    }
  }

  func testSignInsAreRecordedWhereThatIsWished() throws {
    var configuration = try configuration()
    configuration.tracksSignIns = true
    let recorded: [TriggerSource: TriggerRule] = [
      .postAuthentication: .write(.signIn(isRecorded: true))
    ]
    for source in TriggerSource.allCases {
      XCTAssertEqual(
        TriggerRule(source: source, userPoolID: "p_1", in: configuration),
        recorded[source] ?? Self.written[source] ?? .pass, source.rawValue)
    }
  }

  func testTokensAreAnsweredWithWhatIsWishedAndTheUserIsWrittenWhereThatIs() throws {
    let tokens: Set<TriggerSource> = [
      .tokenHostedAuth, .tokenAuthentication, .tokenNewPasswordChallenge, .tokenAuthenticateDevice,
      .tokenRefreshTokens,
    ]
    for (roles, claims, writes) in [
      (false, false, false), (false, false, true), (true, false, false), (true, false, true),
      (false, true, false), (false, true, true), (true, true, false), (true, true, true),
    ] {
      var configuration = try configuration()
      configuration.putsRolesIntoTokens = roles
      configuration.putsClaimsIntoTokens = claims
      configuration.writesOnToken = writes
      let rule: TriggerRule =
        switch (roles || claims, writes) {
        case (true, _):
          .answerToken(WantedContents(roles: roles, claims: claims, writesUser: writes))
        case (false, true): .write(.token)
        case (false, false): .pass
        }
      // A client has neither a row nor roles.
      let ofAClient: TriggerRule =
        claims ? .answerToken(WantedContents(claims: true, isForClient: true)) : .pass
      for source in TriggerSource.allCases {
        XCTAssertEqual(
          TriggerRule(source: source, userPoolID: "p_1", in: configuration),
          tokens.contains(source)
            ? rule
            : source == .tokenClientCredentials ? ofAClient : Self.written[source] ?? .pass,
          source.rawValue)
      }
    }
  }

  func testSignUpsAreDecidedWhereThereIsAPolicyAndThoseOfAnAdministratorWhereItIsForThem() throws {
    let decided = TriggerRule.signUp(SignUpWork(isDecided: true))
    let noLists = EmailDomainRule()
    let lists = EmailDomainRule(allowed: [try XCTUnwrap(DomainPattern("example.com"))])
    let byUsers: [TriggerSource: TriggerRule] = [
      .preSignUp: decided, .preSignUpExternalProvider: decided,
    ]
    let byAll = byUsers.merging([.preSignUpAdminCreateUser: decided]) { $1 }
    for (domains, asksDatabase, isForAdminCreated, expected) in [
      (noLists, false, false, [:]), (noLists, false, true, [:]),
      (lists, false, false, byUsers), (noLists, true, false, byUsers),
      (lists, false, true, byAll), (noLists, true, true, byAll), (lists, true, true, byAll),
    ] {
      var configuration = try configuration()
      configuration.signUp.emailDomains = domains
      configuration.signUp.asksDatabase = asksDatabase
      configuration.signUp.isForAdminCreated = isForAdminCreated
      for source in TriggerSource.allCases {
        XCTAssertEqual(
          TriggerRule(source: source, userPoolID: "p_1", in: configuration),
          expected[source] ?? Self.written[source] ?? .pass, source.rawValue)
      }
    }
  }

  func testOnlyWhoComesThroughAProviderIsLinkedAndThePolicyGoesFirst() throws {
    var configuration = try configuration()
    configuration.linking = try LinkScene.settings()
    for (blocked, decides) in [([], false), (["example.com"], true)] {
      configuration.signUp.emailDomains.blocked = blocked.compactMap(DomainPattern.init)
      let expected: [TriggerSource: TriggerRule] = [
        .preSignUpExternalProvider: .signUp(SignUpWork(isDecided: decides, isLinked: true)),
        .preSignUp: decides ? .signUp(SignUpWork(isDecided: true)) : .pass,
      ]
      for source in TriggerSource.allCases {
        XCTAssertEqual(
          TriggerRule(source: source, userPoolID: "p_1", in: configuration),
          expected[source] ?? Self.written[source] ?? .pass, source.rawValue)
      }
    }
  }

  func testUsersOfBeforeAreLookedForWhereThatIsOn() throws {
    var configuration = try configuration()
    configuration.migration = MigrationSettings()
    for source in TriggerSource.allCases {
      let isMigration = source == .userMigration || source == .userMigrationForgotPassword
      XCTAssertEqual(
        TriggerRule(source: source, userPoolID: "p_1", in: configuration),
        isMigration ? .migrate : Self.written[source] ?? .pass, source.rawValue)
    }
  }

  func testAnUnknownSourcePassesWhateverItsNameBeginsWith() throws {
    XCTAssertNil(TriggerSource(rawValue: "PostConfirmation_SomethingNew"))
    XCTAssertEqual(TriggerRule(source: nil, userPoolID: "p_1", in: try configuration()), .pass)
  }

  func testOnlyListedPoolsAreServedWhereThereIsAList() throws {
    var configuration = try configuration()
    configuration.userPoolIDs = ["p_1"]
    for source in TriggerSource.allCases.map(Optional.some) + [nil] {
      for (pool, isServed) in [("p_1", true), ("p_2", false), (nil, false), ("", false)] {
        let rule = TriggerRule(source: source, userPoolID: pool, in: configuration)
        XCTAssertEqual(rule != .refuse, isServed)
      }
    }
  }
}
