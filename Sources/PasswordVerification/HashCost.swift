import PasswordHashes

/// What it takes to compute a hash once: a pure function of its parameters.
///
/// The times are what it took on one core of a server of 2023, as `scripts/bench/hashes` measures it anew, rounded up:
/// better a refusal than an answer that comes too late.
public struct HashCost: Sendable, Equatable {
  /// On a whole core; at most an hour.
  public let time: Duration
  /// At its highest, in bytes.
  public let memory: UInt64

  public init(of scheme: HashScheme) {
    switch scheme {
    case .bcrypt(let hash): self.init(Self.power(UInt32(hash.cost)), nanosecondsEach: 55_000)
    case .crypt(let hash):
      switch hash.method {
      case .md5: self.init(1000, nanosecondsEach: 500)
      case .sha256(let rounds), .sha512(let rounds):
        self.init(Double(rounds), nanosecondsEach: 1000)
      case .yescrypt(let logN, let r): self.init(blocks: Self.power(logN) * Double(r))
      }
    case .argon2(let hash):
      self.init(
        Double(hash.memory) * Double(hash.passes), nanosecondsEach: 1100,
        memory: Double(hash.memory) * 1024)
    case .pbkdf2(let hash):
      // Each begun length of the function's is derived by itself.
      let digests = (hash.digest.count - 1) / hash.function.digestLength + 1
      self.init(
        Double(hash.iterations) * Double(digests),
        nanosecondsEach: hash.function == .sha512 ? 550 : 330)
    case .scrypt(let hash):
      self.init(blocks: Self.power(hash.logN) * Double(hash.r), lanes: Double(hash.p))
    case .phpass(let hash): self.init(Self.power(hash.logRounds), nanosecondsEach: 400)
    case .digest: self.init(1, nanosecondsEach: 2000)
    }
  }

  private init(_ steps: Double, nanosecondsEach: Double, memory: Double = 65_536) {
    time = .nanoseconds(Int64(min(steps * nanosecondsEach, 3600e9)))
    self.memory = UInt64(min(memory, 1e18))
  }

  /// scrypt's, and yescrypt's: of 128 bytes each.
  private init(blocks: Double, lanes: Double = 1) {
    self.init(blocks * lanes, nanosecondsEach: 450, memory: blocks * 128 + lanes * 1024)
  }

  private static func power(_ exponent: UInt32) -> Double { Double(1 << UInt64(exponent)) }
}

/// What Lambda gives a function of its size.
public struct FunctionSize: Sendable, Equatable {
  /// `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`, in MiB.
  public let memory: Int

  public init(memory: Int) { self.memory = max(memory, 1) }

  /// Of a core. Lambda documents one at 1,769 MB, and in proportion below; a second one is of no use here.
  var share: Double { min(Double(memory) / 1769, 1) }

  /// Whether a hash can be computed here.
  ///
  /// - Parameter remaining: the time that there is for it.
  /// - Returns: why not; nil where it can.
  public func refusal(of cost: HashCost, within remaining: Duration) -> CostRefusal? {
    if cost.memory > UInt64(memory) << 20 / 2 {
      return .memory(megabytes: Int(cost.memory >> 20), size: memory)
    }
    let time = cost.time / share
    return time > remaining ? .time(milliseconds: Int(time / .milliseconds(1)), size: memory) : nil
  }
}

/// Why a hash is not computed: it would not be done in time, or leave the process no memory.
public enum CostRefusal: Error, Sendable, Equatable, CustomStringConvertible {
  /// More than half of the function's memory, which is `size` MB.
  case memory(megabytes: Int, size: Int)
  /// Longer than what is left of the budget.
  case time(milliseconds: Int, size: Int)

  public var description: String {
    switch self {
    case .memory(let megabytes, let size):
      "it takes \(megabytes) MB, more than half of the \(size) MB of this function: give it more memory"
    case .time(let milliseconds, let size):
      "it takes some \(milliseconds) ms at \(size) MB of memory, more than is left of SYNC_BUDGET_MS: give the function more memory, up to 1769 MB"
    }
  }
}
