import CognitoTriggers
import XCTest

/// The example of CognitoTriggers.docc, as a program that uses the module has it.
final class CognitoTriggersExampleTests: XCTestCase {
  func testATokenGetsGroupsAndAnotherEventIsAsItWas() throws {
    let sub = "2cd063a7-8d53-46ff-9374-0123456789ab"
    func event(_ source: String) -> [UInt8] {
      Array(
        #"{"triggerSource":"\#(source)","request":{"userAttributes":{"sub":"\#(sub)"}},"response":{}}"#
          .utf8)
    }
    let token = try answer(event("TokenGeneration_Authentication")) { [$0.description] }
    XCTAssertTrue(
      String(decoding: token, as: UTF8.self).contains(#"{"groupsToOverride":["\#(sub)"]}"#))
    let signIn = event("PostAuthentication_Authentication")
    XCTAssertEqual(try answer(signIn) { _ in ["none"] }, signIn)
  }
}

/// Puts groups into a user's tokens; answers every other event as it came.
func answer(_ event: [UInt8], groups: (Sub) -> [String]) throws -> [UInt8] {
  let trigger = try TriggerEvent(event)
  guard trigger.sourceName.hasPrefix("TokenGeneration_"), let sub = trigger.attributes.sub else {
    return event
  }
  return try TokenOverride(event).answer(groups: groups(sub)).event
}
