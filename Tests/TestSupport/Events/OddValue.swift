/// A JSON value that a program may stumble over.
public struct OddValue: Sendable {
  public var name: String
  public var json: [UInt8]

  public init(_ name: String, _ json: String) {
    self.name = name
    self.json = Array(json.utf8)
  }

  /// Small enough to be used some ten thousand times.
  static func random(_ random: inout SeededGenerator) -> OddValue {
    switch Int.random(in: 0..<6, using: &random) {
    case 0, 1: return randomString(&random)
    case 2: return numbers.randomElement(using: &random) ?? OddValue("zero", "0")
    case 3: return others.randomElement(using: &random) ?? OddValue("null", "null")
    case 4:
      let depth = Int.random(in: 1...40, using: &random)
      return Bool.random(using: &random) ? nestedArrays(depth) : nestedObjects(depth)
    default:
      // A string that holds JSON, as `identities` does.
      let inner = Bool.random(using: &random) ? identities.randomElement(using: &random) : nil
      return inner ?? nestedInString(Int.random(in: 1...3000, using: &random))
    }
  }

  static func randomString(_ random: inout SeededGenerator) -> OddValue {
    guard Int.random(in: 0..<8, using: &random) == 0 else {
      return strings.randomElement(using: &random) ?? OddValue("empty string", "\"\"")
    }
    let characters = ["x", "é", "😀", "\\u0000", "\\ud83d", "\\\\"]
    let character = characters.randomElement(using: &random) ?? "x"
    let count = Int.random(in: 1...4000, using: &random)
    return OddValue("\(count) times \(character)", "\"" + repeated(character, count) + "\"")
  }

  public static func nestedArrays(_ depth: Int) -> OddValue {
    OddValue("\(depth) arrays", repeated("[", depth) + repeated("]", depth))
  }

  public static func nestedObjects(_ depth: Int) -> OddValue {
    OddValue("\(depth) objects", repeated("{\"a\":", depth) + "1" + repeated("}", depth))
  }

  public static func nestedInString(_ depth: Int) -> OddValue {
    OddValue(
      "\(depth) arrays in a string", "\"" + repeated("[", depth) + repeated("]", depth) + "\"")
  }

  static func repeated(_ text: String, _ count: Int) -> String {
    String(repeating: text, count: count)
  }

  public static let numbers = [
    OddValue("huge exponent", "1e999999"), OddValue("tiny exponent", "1e-999999"),
    OddValue("400 digits", repeated("9", 400)), OddValue("400 decimals", "0." + repeated("7", 400)),
    OddValue("minus zero", "-0"), OddValue("beyond 64 bits", "18446744073709551616"),
    OddValue("largest double", "1.7976931348623157e308"), OddValue("a decimal's end", "1e127"),
    OddValue("past a decimal's end", "1e128"), OddValue("a decimal's least", "1e-127"),
    OddValue("huge exponent's exponent", "1e99999999999999999999999999"),
    OddValue("many zeros", "1" + repeated("0", 3000)),
  ]

  public static let strings = [
    OddValue("empty string", "\"\""), OddValue("NUL", "\"a\\u0000b\""),
    OddValue("only NUL", "\"\\u0000\""), OddValue("lead surrogate", "\"a\\ud83d\""),
    OddValue("trail surrogate", "\"\\uDE00a\""),
    OddValue("swapped surrogates", "\"\\ude00\\ud83d\""),
    OddValue("surrogate and text", "\"\\ud83dx\\ud83d\\ude00\""),
    OddValue("non-character", "\"\\uffff\\ufdd0\""), OddValue("last character", "\"\u{10FFFF}\""),
    OddValue("combining characters", "\"e\u{301}e\\u0301\u{301}\u{301}\""),
    OddValue("right to left", "\"\u{202E}abc\\u202e\""),
    OddValue("control characters", "\"\\u0001\\u001f\\u007f\""),
    OddValue("SQL", "\"'; DROP TABLE cognito.users; --\""), OddValue("format", "\"%s%n$1\\\\x00\""),
    OddValue("number in a string", "\"1e999999\""), OddValue("escaped quotation mark", "\"\\\"\""),
    OddValue("backslashes", "\"\\\\\\\\\""), OddValue("sub", "\"sub\""),
    OddValue("true", "\"TRUE\""),
    OddValue("UUID", "\"00000000-0000-0000-0000-000000000000\""), OddValue("blank", "\" \\n\\t\""),
    OddValue("proto", "\"__proto__\""), OddValue("pool", "\"eu-central-1_ExaMPLe01\""),
    OddValue("long dash", "\"" + repeated("–", 900) + "\""),
  ]

  static let others = [
    OddValue("null", "null"), OddValue("true", "true"), OddValue("false", "false"),
    OddValue("empty array", "[]"), OddValue("empty object", "{}"),
    OddValue("nulls", "[null,[null],{\"a\":null}]"),
    OddValue("odd keys", #"{"":1,"\u0000":2,"\u0000\u0000":3,"\ufffd":4,"\ud800":5,"é":6}"#),
    OddValue("keys twice", #"{"a":1,"a":"2","A":[],"a":{"a":0}}"#),
    OddValue("odd numbers", "[1e999999,-1e999999,1e-999999,0.1e1,1E5,-0.0]"),
    OddValue("odd strings", #"["\u0000","\ud800","\\u0000","\\ud800","\udc00\ud800"]"#),
    OddValue(
      "a thousand members", "{" + (0..<1000).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
    ),
  ]

  static let identities = [
    OddValue(
      "identities: numbers", #""[1e999999,1e-999999,99999999999999999999999999999999999999999999]""#
    ),
    OddValue("identities: odd strings", #""[\"\\u0000\",\"\\ud83d\",\"\\\\u0000\",\"\u0000\"]""#),
    OddValue("identities: odd keys", #""[{\"\\u0000\":1,\"\\ud800\":2,\"a\":3,\"a\":4}]""#),
    OddValue("identities: an object", #""{\"userId\":\"x\"}""#),
    OddValue("identities: cut off", #""[{\"userId\":\"x\"""#),
    OddValue("identities: null", #""null""#), OddValue("identities: garbage", #""[1] x""#),
    OddValue("identities: mark", "\"\u{FEFF}[1]\""),
  ]
}
