/// A word that must not be in a log, and could be there by chance.
public struct OrdinaryWord: Error, CustomStringConvertible {
  public var description: String
}

extension String {
  /// Those of `secrets` that this text gives away.
  ///
  /// - Throws: `OrdinaryWord` for one that an id of this run, a port or a duration could spell: `ada`
  ///   is in the hexadecimal digits of every hundredth log.
  public func givesAway(_ secrets: [String]) throws(OrdinaryWord) -> [String] {
    for secret in secrets where !secret.isDistinctive {
      throw OrdinaryWord(description: "'\(secret)' may be in a log by chance: take a longer word")
    }
    return secrets.filter(contains)
  }

  private var isDistinctive: Bool {
    let isOneOfAnID = allSatisfy { $0.isHexDigit || $0 == "-" }
    let hasPunctuation = contains { !$0.isLetter && !$0.isNumber && $0 != "-" }
    return hasPunctuation || count >= (isOneOfAnID ? 12 : 5)
  }
}
