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

  func testAUsersTokensAreAnsweredWithTheRolesAndWrittenWhereThatIsWished() throws {
    let tokens: Set<TriggerSource> = [
      .tokenHostedAuth, .tokenAuthentication, .tokenNewPasswordChallenge, .tokenAuthenticateDevice,
      .tokenRefreshTokens,
    ]
    let rows: [(roles: Bool, writes: Bool, rule: TriggerRule)] = [
      (true, false, .overrideGroups(writesUser: false)),
      (true, true, .overrideGroups(writesUser: true)),
      (false, true, .write(.token)), (false, false, .pass),
    ]
    for row in rows {
      var configuration = try configuration()
      configuration.putsRolesIntoTokens = row.roles
      configuration.writesOnToken = row.writes
      for source in TriggerSource.allCases {
        XCTAssertEqual(
          TriggerRule(source: source, userPoolID: "p_1", in: configuration),
          tokens.contains(source) ? row.rule : Self.written[source] ?? .pass, source.rawValue)
      }
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
