import Foundation

/// Bytes that somebody might send instead of an event.
public struct HostileEvent: Sendable {
  public var bytes: [UInt8]
  /// Names the fixture and what was done to it, for a failure's message.
  public var label: String
  /// Whether it is still an object in valid JSON, within every bound: only its contents are odd.
  public var isWellFormed: Bool
}

/// Spoils fixtures, the same way each time for the same seed.
public struct HostileEvents: Sequence, IteratorProtocol {
  private let fixtures: [(name: String, bytes: [UInt8])]
  private var random: SeededGenerator
  private var count = 0

  public init(seed: UInt64) throws {
    let files = try TestEnvironment.triggerFixtures()
    fixtures = try files.map { ($0.lastPathComponent, Array(try Data(contentsOf: $0))) }
    random = SeededGenerator(seed: seed)
  }

  public mutating func next() -> HostileEvent? {
    let (name, bytes) = fixtures[count % fixtures.count]
    count += 1
    // Half of them stay JSON: the others seldom get past the decoder's front door.
    let isWellFormed = Bool.random(using: &random)
    var mutant = EventMutant(bytes)
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      if isWellFormed { mutant.changeContents(&random) } else { mutant.changeBytes(&random) }
    }
    return HostileEvent(
      bytes: mutant.bytes, label: "\(count): \(name), \(mutant.history.joined(separator: ", "))",
      isWellFormed: isWellFormed)
  }
}

/// SplitMix64, by Sebastiano Vigna: small, and the same numbers on every machine.
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) {
    state = seed
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
