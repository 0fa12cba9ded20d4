import CognitoPush
import Postgres
import XCTest

@testable import TriggerFunction

final class FailureClassTests: XCTestCase {
  func testEachFailureHasOneClass() throws {
    let states: [(String, FailureClass)] = [
      ("57014", .timeout), ("28P01", .authentication), ("28000", .authentication),
      ("42501", .permission), ("3D000", .schema), ("3F000", .schema), ("42P01", .schema),
      ("42883", .schema), ("42703", .schema), ("42804", .schema), ("55P03", .lock),
      ("40001", .lock), ("40P01", .lock),
      ("25006", .readOnly), ("53300", .capacity), ("53100", .capacity), ("08006", .connection),
      ("57P01", .connection), ("57P03", .connection), ("54000", .other), ("23505", .other),
    ]
    for (code, expected) in states {
      let state = try XCTUnwrap(SQLState(code))
      XCTAssertEqual(FailureClass(.statementFailed(ServerError(state: state))), expected, code)
      XCTAssertEqual(FailureClass(.connectionRefusedByServer(state)), expected, code)
    }
    let others: [(PostgresError, FailureClass)] = [
      (.timedOut(.resolve), .timeout), (.timedOut(.connect), .timeout),
      (.timedOut(.query), .timeout),
      (.connectFailed(detail: ""), .connection), (.connectionLost, .connection),
      (.credentialsUnavailable(detail: "", mayPass: true), .authentication),
      (.unexpectedAnswer(""), .schema), (.parameterHoldsNUL(1), .other),
    ]
    // A session that the server ended, and what ended several attempts.
    let refused = PostgresError.connectionRefusedByServer(try XCTUnwrap(SQLState("28P01")))
    let ended = ServerError(state: try XCTUnwrap(SQLState("25P03")), endsConnection: true)
    let ofServers: [(PostgresError, FailureClass)] = [
      (.statementFailed(ended), .connection),
      (.attemptsFailed(attempts(.timedOut(.connect), refused)), .authentication),
      (.attemptsFailed(attempts(.connectFailed(detail: ""), .timedOut(.connect))), .timeout),
    ]
    for (error, expected) in others + ofServers {
      XCTAssertEqual(FailureClass(error), expected, "\(error)")
    }
    let ofActions: [(ActionFailure, FailureClass?, Outcome)] = [
      (.event(.malformed), .event, .failed), (.signUpEvent(.malformed), .event, .failed),
      (.unknownUser, .unknownUser, .failed),
      (.database(.connectionLost), .connection, .failed),
      (ActionFailure(PushError.cognito(.throttled)), .cognito, .failed),
      (ActionFailure(PushError.database(.connectionLost)), .connection, .failed),
      (ActionFailure(PushError.refused([], done: PushSummary())), .cognito, .failed),
      (.unidentifiedUser(.noSub), nil, .passed),
    ]
    for (failure, expected, outcome) in ofActions {
      XCTAssertEqual(failure.failureClass, expected, "\(failure)")
      XCTAssertEqual(failure.outcome, outcome, "\(failure)")
    }
    XCTAssertEqual(
      Set(states.map(\.1) + others.map(\.1) + ofActions.compactMap(\.1)),
      Set(FailureClass.allCases),
      "a class without a cause")
  }

  private func attempts(_ errors: PostgresError...) -> [FailedAttempt] {
    errors.map { FailedAttempt(server: "db.example, port 5432", error: $0) }
  }
}
