/// Events that are large or deep beyond reason, each made by hand.
public enum ExtremeEvents {
  /// Where in an event a value can stand.
  private static let places: [(name: String, before: String, after: String)] = [
    ("the whole event", "", ""),
    ("beside the request", event(#""extra":"#), "}"),
    ("in response", event(#""response":"#), "}"),
    ("as userAttributes", event(#""request":{"userAttributes":"#), "}}"),
    ("beside userAttributes", event(#""request":{"clientMetadata":"#), "}}"),
    ("as an attribute", attribute("custom:x"), "}}}"),
    ("as email", attribute("email"), "}}}"),
    ("as email_verified", attribute("email_verified"), "}}}"),
    ("as identities", attribute("identities"), "}}}"),
    ("as userName", event(#""userName":"#), "}"),
    ("as userPoolId", event(#""userPoolId":"#), "}"),
    ("as triggerSource", #"{"triggerSource":"#, "}"),
  ]

  /// Where a large value is tried: in each it is treated in another way.
  private static let roomyPlaces: Set<String> = [
    "in response", "as userAttributes", "as an attribute", "as email", "as identities",
    "as userPoolId",
  ]

  private static let sub = "6b1f1b2e-0c8e-4d0e-9f3a-1d2c3b4a5968"

  private static func event(_ members: String) -> String {
    #"{"triggerSource":"PostConfirmation_ConfirmSignUp","userPoolId":"eu-central-1_ExaMPLe01",\#(members)"#
  }

  private static func attribute(_ name: String) -> String {
    event(#""request":{"userAttributes":{"sub":"\#(sub)","\#(name)":"#)
  }

  public static func all() -> [HostileEvent] {
    var events: [HostileEvent] = []
    for (place, before, after) in places {
      for value in values + (roomyPlaces.contains(place) ? largeValues : []) {
        events.append(
          HostileEvent(
            bytes: Array(before.utf8) + value.json + Array(after.utf8),
            label: "\(value.name) \(place)", isWellFormed: false))
      }
    }
    for depth in [100, 10_000, 100_000] {
      // Never closed.
      for open in ["[", "{\"a\":", "{\"a\":[", "\"["] {
        events.append(
          HostileEvent(
            bytes: Array((attribute("custom:x") + OddValue.repeated(open, depth)).utf8),
            label: "\(depth) times \(open), unclosed", isWellFormed: false))
      }
    }
    return events
  }

  private static let values: [OddValue] = {
    var values = OddValue.numbers + OddValue.strings
    // At the end of what is kept as a number.
    let digits = OddValue.repeated("9", 92)
    for number in ["-\(digits)e+1000", "0.\(digits)e-1000"] {
      values.append(OddValue("the number \(number)", number))
    }
    for depth in [20, 58, 100, 500, 511, 512, 513, 10_000, 100_000] {
      values += [
        .nestedArrays(depth), .nestedObjects(depth), .nestedInString(depth),
        .init("\(depth) objects in a string", inString(OddValue.nestedObjects(depth))),
      ]
    }
    return values
  }()

  private static let largeValues: [OddValue] = {
    var values: [OddValue] = []
    let megabyte = 1 << 20
    for character in ["xxxx", "\u{10FFFF}", "\\u0000", "\\ud83d"] {
      values.append(
        OddValue(
          "262,144 times \(character)", "\"" + OddValue.repeated(character, megabyte / 4) + "\""))
    }
    values.append(OddValue("1 MB of digits", OddValue.repeated("9", megabyte)))
    values.append(OddValue("1 MB of decimals", "0." + OddValue.repeated("7", megabyte)))
    values.append(
      OddValue("64,000 numbers", "[" + OddValue.repeated("1e1000,1e-1000,", 32_000) + "0]"))
    values.append(OddValue("256,000 zeros", "[" + OddValue.repeated("0,", megabyte / 4) + "0]"))
    values.append(
      OddValue("128,000 empty arrays", "[" + OddValue.repeated("[],", megabyte / 8) + "0]"))
    let nested = String(decoding: OddValue.nestedArrays(50).json, as: UTF8.self)
    values.append(
      OddValue("2,000 times 50 arrays", "[" + OddValue.repeated(nested + ",", 2000) + "0]"))
    let members = (0..<50_000).map { "\"key \($0)\":\"\($0)\"" }.joined(separator: ",")
    values.append(OddValue("50,000 members", "{\(members)}"))
    values.append(
      OddValue("the same key often", "{" + OddValue.repeated("\"a\":1,", 50_000) + "\"a\":2}"))
    values.append(OddValue("a key of 1 MB", "{\"" + OddValue.repeated("k", megabyte) + "\":1}"))
    return values
  }()

  private static func inString(_ value: OddValue) -> String {
    let text = String(decoding: value.json, as: UTF8.self)
    return "\""
      + text.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\\\"") + "\""
  }
}
