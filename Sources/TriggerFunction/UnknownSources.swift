import CognitoTriggers

/// The names of trigger sources that Cognito did not have when this was written: each is logged once.
struct UnknownSources {
  /// Keeps a caller that invents names from filling the memory.
  private static let limit = 100

  private var told: Set<String> = []

  /// - Returns: the name to log; nil where the source is known, or has been logged.
  mutating func news(of event: TriggerEvent) -> String? {
    guard event.source == nil, told.count < Self.limit else { return nil }
    let name = event.loggableSourceName
    return told.insert(name).inserted ? name : nil
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
