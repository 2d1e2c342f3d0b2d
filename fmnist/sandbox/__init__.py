"""Opens files of strangers, pictures and models, in processes of their own with narrow limits."""
