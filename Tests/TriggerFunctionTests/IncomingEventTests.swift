import CognitoTriggers
import XCTest

@testable import TriggerFunction

final class IncomingEventTests: XCTestCase {
  func testAnEventIsATriggersOrAppSyncsOrASchedulesOrNothingOfOurs() {
    func trigger(_ name: String) -> IncomingEvent {
      .trigger(
        TriggerEvent(
          sourceName: name, userPoolID: nil, userName: nil, attributes: UserAttributes([:])))
    }
    let field = #"{"info":{"fieldName":"me","parentTypeName":"Query"}}"#
    let rows: [(payload: String, event: IncomingEvent)] = [
      (#"{"triggerSource":"PreSignUp_SignUp"}"#, trigger("PreSignUp_SignUp")),
      (#"{"triggerSource":"Something_New"}"#, trigger("Something_New")),
      // A trigger's name goes before all else.
      (#"{"triggerSource":"a","source":"aws.events"}"#, trigger("a")),
      (#"{"triggerSource":"a","info":{"fieldName":"me","parentTypeName":"Query"}}"#, trigger("a")),
      (#"{"source":"aws.events"}"#, .schedule), (#"{"source":"aws.scheduler"}"#, .schedule),
      (#"{"doctor":true}"#, .doctor), (#" { "doctor" : true } "#, .doctor),
      (#"{"doctor":"true"}"#, .unrecognized(.noTriggerSource)),
      (#"{"doctor":true,"a":1}"#, .unrecognized(.noTriggerSource)),
      (#"{"source":"aws.s3"}"#, .unrecognized(.noTriggerSource)),
      ("{}", .unrecognized(.noTriggerSource)), ("[]", .unknownList),
      ("[\(field),{}]", .unknownList),
      ("", .unrecognized(.notAnObject)),
    ]
    for payload in [field, "[\(field)]"] {
      guard case .fields(let requests) = IncomingEvent(Array(payload.utf8)) else {
        XCTFail(payload)
        continue
      }
      XCTAssertEqual(requests.all.map(\.?.field), ["me"])
    }
    for row in rows {
      XCTAssertEqual(IncomingEvent(Array(row.payload.utf8)), row.event, row.payload)
    }
  }
}
