import TriggerFunction

LambdaFunction.run()
