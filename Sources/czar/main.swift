print("czar")
