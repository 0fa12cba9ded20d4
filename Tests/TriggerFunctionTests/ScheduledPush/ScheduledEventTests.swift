import XCTest

@testable import TriggerFunction

final class ScheduledEventTests: XCTestCase {
  func testOnlyEventBridgeSchedulesAreTaken() {
    let table: [(String, Bool)] = [
      (
        #"""
        {"version":"0","id":"53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa","detail-type":"Scheduled Event",
        "source":"aws.events","account":"123456789012","time":"2015-10-08T16:53:06Z",
        "region":"us-east-1","resources":["arn:aws:events:us-east-1:123456789012:rule/r"],
        "detail":{}}
        """#, true
      ),
      (
        #"{"version":"0","detail-type":"Scheduled Event","source":"aws.scheduler","detail":"{}"}"#,
        true
      ),
      (#"{"source":"aws.ec2","detail-type":"EC2 Instance State-change Notification"}"#, false),
      // As trigger events: a byte-order mark may stand before it.
      ("\u{FEFF}" + #"{"source":"aws.events"}"#, true),
      ("\u{FEFF}\u{FEFF}" + #"{"source":"aws.events"}"#, false),
      (#"{"source":"aws.events"} x"#, false),
      (#"{"source":["aws.events"]}"#, false),
      (#"{"request":{"source":"aws.events"}}"#, false),
      (#"["aws.events"]"#, false),
      ("{}", false), ("", false), ("null", false),
    ]
    for (text, isOne) in table {
      XCTAssertEqual(ScheduledEvent(Array(text.utf8)) != nil, isOne, text)
    }
  }
}
