import CognitoTriggers

/// What this process logs once, however often it meets it.
struct LoggedOnce {
  /// Keeps a caller that invents names from filling the memory.
  private static let limit = 100

  private var logged: Set<String> = []

  /// - Returns: whether `text` has not been logged yet; from now on it has.
  mutating func isNew(_ text: String) -> Bool {
    logged.count < Self.limit && logged.insert(text).inserted
  }
}

extension TriggerEvent {
  /// The source's name where it looks like one: what else may stand there is not for a log.
  var loggableSourceName: String {
    let isName =
      sourceName.utf8.count <= 64
      && sourceName.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
    return isName ? sourceName : "(not a name)"
  }
}
