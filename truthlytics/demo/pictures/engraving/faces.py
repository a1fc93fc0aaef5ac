FACES = {}
