import ArgumentParser
import CognitoAPI

extension CustomAttribute: ExpressibleByArgument {
  public init?(argument: String) {
    self.init(argument)
  }
}
