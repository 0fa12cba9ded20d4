/// The release of `bootstrap` and `pooltable`.
public let poolTableVersion = "0.1.0"
